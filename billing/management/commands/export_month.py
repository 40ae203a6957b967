"""Write a month's files for the fixed billing system."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from billing.month.export import export_month
from superfamilja.clock import portal_clock
from superfamilja.epoch.refusals import Halted
from superfamilja.values.lek import lek
from superfamilja.values.months import month_label, parse_month


class Command(BaseCommand):
    help = (
        "Write klikon-YYYY-MM.csv, the month's totals for the fixed bill, and its .sha256 into a "
        "folder. The month is approved first; before that it gives a draft."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="as 2026-10")
        parser.add_argument("--to", type=Path, required=True, help="the folder to write into")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            month = parse_month(options["month"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        try:
            exported = export_month(month, options["to"], at=portal_clock.now())
        except Halted as refused:
            raise CommandError(refused.text()) from refused
        except OSError as error:
            raise CommandError(
                _("The folder %(folder)s cannot be written: %(why)s.")
                % {"folder": options["to"], "why": error.strerror}
            ) from error
        if exported.is_draft:
            self.stdout.write(
                _("DRAFT: nobody has approved month %(month)s. Do not put it on bills.")
                % {"month": month_label(month)}
            )
        for path in exported.paths:
            self.stdout.write(str(path))
        self.stdout.write(
            _("%(entries)s entries, %(activations)s activations, %(amount)s.")
            % {
                "entries": exported.sums.entries,
                "activations": exported.sums.activations,
                "amount": lek(exported.sums.amount_lek),
            }
        )
