"""Move a demonstration's clock forward: `manage.py shift_clock 3 --reason "…"` (days)."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime

from superfamilja.clock.shifting import ClockIsRealError, shift_clock


class Command(BaseCommand):
    help = (
        "Move the clock of a demonstration or a test database forward (R37). It never goes back: "
        "`make demo-reset` begins at today's time again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("days", type=float, help="by how many days, such as 1 or 0.5")
        parser.add_argument("--reason", required=True, help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now = shift_clock(ahead_by=timedelta(days=options["days"]), reason=options["reason"])
        except (ClockIsRealError, ValueError, OverflowError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The portal's clock shows {localtime(now):%d.%m.%Y %H:%M:%S}.")
