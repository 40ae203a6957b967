"""`manage.py after_restore`: compare the books after a restore, and list what to decide."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from klikon.comparison import books, ending
from klikon.comparison.models import ComparedOrder, Comparison
from klikon.provisioning.line.listing import ListBrokenError
from superfamilja.accounts.models import User
from superfamilja.clock import portal_clock
from superfamilja.epoch import standing
from superfamilja.refusal import Refusal
from superfamilja.values.phone import masked


class Command(BaseCommand):
    help = (
        "After a restore: list what the charging system has and this database does not, and the "
        "other way round. Two people then end each line in the portal."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--begin",
            action="store_true",
            help="once, at the upgrade: this database, in use before, is the one that is",
        )
        parser.add_argument("--by", default="", help="--begin: username of who says so")
        parser.add_argument("--reason", default="", help="--begin: why")

    def handle(self, *args: Any, **options: Any) -> None:
        why = standing.look()
        if why == standing.NOT_MIGRATED:
            raise CommandError(_("The tables are not there: run manage.py migrate first."))
        if why == standing.UNREADABLE:
            raise CommandError(_("The file EPOCH_FILE cannot be read or written: see the log."))
        try:
            if options["begin"]:
                self._begin(options["by"], options["reason"])
            else:
                self._compare()
        except ending.NotHalted:
            self.stdout.write(_("The database does not stand still: there is nothing to compare."))
        except Refusal as refusal:
            raise CommandError(refusal.text()) from refusal

    def _begin(self, username: str, reason: str) -> None:
        actor = User.objects.filter(username=username, is_active=True).first()
        if actor is None or not actor.has_perm("comparison.end_line"):
            raise CommandError(
                _("“%(username)s” is nobody who may say this.") % {"username": username}
            )
        ending.begin_here(actor=actor, at=portal_clock.now(), reason=reason)
        self.stdout.write(_("This database is marked as the one that is. Klik-ON sells."))

    def _compare(self) -> None:
        try:
            made = books.compare(portal_clock.now())
        except ListBrokenError as error:
            raise CommandError(
                _(
                    "The list of the charging system did not come whole, so nothing was compared: "
                    "%(why)s. Run this again."
                )
                % {"why": error}
            ) from error
        self.stdout.write(str(made.halt.get_why_display()).capitalize() + ".")
        self.stdout.write(
            _("Orders since %(since)s: %(theirs)s there, %(ours)s here.")
            % {
                "since": f"{localtime(made.since):%d.%m.%Y %H:%M}",
                "theirs": made.theirs,
                "ours": made.ours,
            }
        )
        self._say_lines(made)

    def _say_lines(self, made: Comparison) -> None:
        lines = list(ComparedOrder.objects.open().filter(halt=made.halt).order_by("taken_at", "pk"))
        if lines:
            Console(file=self.stdout, width=120).print(_table(lines))  # type: ignore[arg-type]
        self.stdout.write(_("Lines that are open: %(number)s.") % {"number": len(lines)})
        self.stdout.write(
            _(
                "Two persons go on in the portal, under “After a restore”: each line is charged, "
                "given back or accepted as it is; then they end the standstill."
            )
        )


def _table(lines: list[ComparedOrder]) -> Table:
    table = Table(box=None)
    headings = (
        _("reference"),
        _("mobile number"),
        _("package"),
        _("accepted"),
        _("difference"),
        _("state there"),
        _("ending"),
    )
    for heading in headings:
        table.add_column(heading, no_wrap=heading == headings[0])
    for line in lines:
        moment = line.accepted_at
        table.add_row(
            line.reference,
            masked(line.msisdn),
            line.package_code,
            f"{localtime(moment):%d.%m.%Y %H:%M:%S}" if moment else "—",
            line.get_difference_display(),
            line.state or "—",
            line.get_ending_display() or "—",
        )
    return table
