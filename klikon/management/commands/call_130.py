"""`manage.py call_130`: dial 130 over real SIP as a demonstration's Mobile Leader (`make call`)."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from klikon.activation.quote import quote
from klikon.demonstration.phone import telephoning
from klikon.demonstration.phone.softphone import CallNotTaken
from klikon.models import Activation, Channel, LeaderAssignment
from superfamilja.clock import portal_clock
from superfamilja.values import phone
from superfamilja.values.lek import lek


class Command(BaseCommand):
    help = "Call 130 as a Mobile Leader of the demonstration, and show the charge."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="number", help="his number; else the first with room")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Only in a demonstration: in production the carrier says who calls.")
        number = phone.parse_msisdn(options["number"]) if options["number"] else _somebody()
        connection.close()  # a call takes a minute, and the database may be restarted meanwhile
        self.stdout.write(f"{phone.spoken(number)} (demonstration)")
        try:
            asyncio.run(telephoning.call(number, self._write))
        except CallNotTaken as refused:
            raise CommandError(f"130 did not answer ({refused}). Is `make run` running?") from None
        self._show_charge(number)

    def _write(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _show_charge(self, number: str) -> None:
        done = (
            Activation.objects.filter(leader__msisdn=number, channel=Channel.IVR, client="ivr")
            .select_related("member", "package")
            .last()
        )
        if done is None:
            self.stdout.write("No charge. / Asnjë shpenzim.")
            return
        self.stdout.write(
            f"{done.reference}: {done.package.name}, {done.member.name}: {lek(done.charged_lek)}; "
            f"mbeten / left: {lek(done.room_left)}"
        )


def _somebody() -> str:
    """Return the first Mobile Leader in force who has room left."""
    leaders = LeaderAssignment.objects.in_force()
    for leader in leaders.order_by("pk"):
        quoted = quote(
            group=leader.group,
            leader=leader.member.msisdn,
            member=leader.member,
            at=portal_clock.now(),
            channel=Channel.IVR,
        )
        if quoted.refusal is None and quoted.something_fits:
            return leader.member.msisdn
    raise CommandError("No Mobile Leader of the demonstration has room left: make demo-reset.")
