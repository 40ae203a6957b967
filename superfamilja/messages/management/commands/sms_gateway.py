"""Pass SMS to the operator's centre by SMPP, and take its receipts, until stopped."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from superfamilja.clock import portal_clock
from superfamilja.messages import transports
from superfamilja.messages.smpp import gateway
from superfamilja.messages.smpp.options import SmppOptions


class Command(BaseCommand):
    help = "Bind to the SMS centre (SMPP_HOST …) and pass messages on. Run one or several."

    def handle(self, *args: Any, **options: Any) -> None:
        if not transports.is_apart():
            raise CommandError(
                _("SMS_TRANSPORT names another way: set it to %(name)s, or do not run this.")
                % {"name": transports.SMPP}
            )
        over = Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_what: over.set())
        gateway.run(SmppOptions.from_settings(), portal_clock.now, over)
