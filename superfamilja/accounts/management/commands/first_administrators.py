"""`manage.py first_administrators`: the first two administrators of an installation."""

import getpass
import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from superfamilja.accounts.requests import server_acts
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values import phone


class Command(BaseCommand):
    help = (
        "Make the first two administrators, each with a temporary password that is shown once: "
        "tell each person only their own. Refuses when there were administrators before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for which in ("first", "second"):
            parser.add_argument(
                f"--{which}", nargs=3, required=True, metavar=("USERNAME", "NAME", "MOBILE")
            )
        parser.add_argument("--reason", default="first administrators")

    def handle(self, *_args: Any, **options: Any) -> None:
        people = [newcomer(*options[which]) for which in ("first", "second")]
        try:
            made = server_acts.make_first_administrators(
                people=people,
                at=portal_clock.now(),
                reason=options["reason"],
                server=server_acts.server_details(getpass.getuser(), socket.gethostname()),
            )
        except Refusal as refusal:
            raise CommandError(refusal.text()) from refusal
        for new in made:
            self.stdout.write(f"{new.user.username}  {new.temporary_password}")


def newcomer(username: str, name: str, mobile: str) -> server_acts.Newcomer:
    """Return the typed person. Raise CommandError."""
    try:
        number = phone.parse_msisdn(mobile) if mobile else ""
    except phone.UnreadableNumberError as error:
        raise CommandError(f"“{mobile}” is no Albanian mobile number.") from error
    return server_acts.Newcomer(username, name, number)
