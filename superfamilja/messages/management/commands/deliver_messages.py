"""Deliver the SMS that are due, and say what became of them."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from superfamilja.clock import portal_clock
from superfamilja.messages import delivery


class Command(BaseCommand):
    help = "Deliver the SMS that are due now, and end."

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = delivery.deliver_all(portal_clock.now)
        self.stdout.write(
            _("Sent: %(sent)s. Failed for good: %(failed)s. To be tried again: %(later)s.")
            % {
                "sent": outcomes[delivery.SENT],
                "failed": outcomes[delivery.FAILED],
                "later": outcomes[delivery.LATER],
            }
        )
