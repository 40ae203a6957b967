"""Close a month; from then on it takes no charge."""

from argparse import ArgumentParser
from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.table import Table

from billing.month import figures
from billing.month.closing import Closed, close_month
from billing.month.figures import Figures
from billing.month.words import FIGURE_WORDS, shown_figure
from superfamilja.accounts.models import User
from superfamilja.clock import portal_clock
from superfamilja.data.progress import ProgressBar
from superfamilja.refusal import Refusal
from superfamilja.values.months import month_before, month_label, parse_month

STEPS = {
    "wait": gettext_lazy("Waiting for the last postings"),
    "carry": gettext_lazy("Carrying what is held"),
    "check": gettext_lazy("Checking entries against their lines"),
    "total": gettext_lazy("Adding up"),
}


class Command(BaseCommand):
    help = (
        "Close a finished month: what is held is carried, what does not agree with its lines is "
        "parked, the rest is closed. A second person approves it in the portal. A closed month "
        "stays as it is; a run that was killed is simply run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="as 2026-10")
        parser.add_argument("--by", required=True, help="username of who closes the month")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            month = parse_month(options["month"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        actor = _who(options["by"])
        with ProgressBar(Console(stderr=True), STEPS) as bar:
            try:
                closed = close_month(
                    month=month,
                    at=portal_clock.now(),
                    actor=actor,
                    dry_run=options["dry_run"],
                    report=bar.report,
                )
            except Refusal as refusal:
                raise CommandError(refusal.text()) from refusal
        self._say(closed, dry_run=options["dry_run"])

    def _say(self, closed: Closed, *, dry_run: bool) -> None:
        before = figures.of_month(month_before(closed.month))
        Console(file=self.stdout).print(_table(closed, before))  # type: ignore[arg-type]
        month = month_label(closed.month)
        if not closed.is_new:
            self.stdout.write(
                _("Month %(month)s was closed before; nothing changed.") % {"month": month}
            )
        elif dry_run:
            self.stdout.write(_("Dry run: nothing was written."))
        else:
            self.stdout.write(
                _("Month %(month)s is closed. A second person approves it in the portal.")
                % {"month": month}
            )
        if closed.figures.parked:
            self.stdout.write(
                _("Parked entries wait in the portal, with their reason: %(parked)s.")
                % {"parked": closed.figures.parked}
            )


def _who(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None or not user.has_perm("billing.close_month"):
        raise CommandError(
            _("“%(username)s” is nobody who may close a month.") % {"username": username}
        )
    return user


def _table(closed: Closed, before: Figures) -> Table:
    table = Table(box=None)
    table.add_column("")
    for heading in (
        month_label(closed.month),
        month_label(month_before(closed.month)),
        _("difference"),
    ):
        table.add_column(heading, justify="right")
    difference = closed.figures.minus(before)
    for name in (field.name for field in fields(Figures)):
        table.add_row(
            str(FIGURE_WORDS[name]),
            *(shown_figure(name, row) for row in (closed.figures, before, difference)),
        )
    return table
