"""Refuse Django's own commands that would go around the acts of two people (R35)."""

import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

INSTEAD = (
    "Accounts are made and changed by administrators in the portal, two of them where the account "
    "approves, credits or administers. For the first two run `manage.py first_administrators`; "
    "when fewer than two are left, `manage.py administrator_by_server`."
)


class RefusedCommand(BaseCommand):
    """A command that does nothing, whatever its arguments."""

    help = "Refuses. " + INSTEAD

    def run_from_argv(self, _argv: list[str]) -> None:
        self.stderr.write(INSTEAD)
        sys.exit(1)

    def handle(self, *_args: Any, **_options: Any) -> NoReturn:
        raise CommandError(INSTEAD)
