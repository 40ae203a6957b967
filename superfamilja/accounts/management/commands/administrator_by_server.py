"""`manage.py administrator_by_server`: let an administrator in when fewer than two are left."""

import getpass
import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from superfamilja.accounts.management.commands.first_administrators import newcomer
from superfamilja.accounts.requests import server_acts
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal


class Command(BaseCommand):
    help = (
        "Make an administrator, or give one who lost password or phone a new way in, when fewer "
        "than two others are left. It stands in the trail, every administrator is told, and the "
        "account administers nothing for a day (STAFF_HOLD_HOURS)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="an administrator's, or a new one")
        parser.add_argument("--name", default="", help="of a new one: name and surname")
        parser.add_argument("--mobile", default="", help="of a new one, or the new number")
        parser.add_argument("--reason", required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["reason"].strip():
            raise CommandError("Say why: it stands in the trail.")
        person = newcomer(options["username"], options["name"], options["mobile"])
        try:
            made = server_acts.make_by_server(
                person=person,
                at=portal_clock.now(),
                reason=options["reason"],
                server=server_acts.server_details(getpass.getuser(), socket.gethostname()),
            )
        except Refusal as refusal:
            raise CommandError(refusal.text()) from refusal
        self.stdout.write(f"{made.user.username}  {made.temporary_password}")
        self.stderr.write(
            "This is in the trail, and every administrator is told. Until "
            f"{made.user.held_until:%Y-%m-%d %H:%M} UTC the account administers nothing."
        )
