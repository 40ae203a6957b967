"""Import a subscriber file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.table import Table

from groups.base_import import BaseImportOutcome, ImportRunningError, import_base
from groups.base_import.run import BATCH_CONTRACTS
from superfamilja.clock import portal_clock
from superfamilja.data.csv_files import FileRefused
from superfamilja.data.progress import ProgressBar
from superfamilja.epoch.refusals import Halted

STEPS = {
    "read": gettext_lazy("Reading the file"),
    "judge": gettext_lazy("Checking the rows"),
    "merge": gettext_lazy("Writing"),
}
SUMMARY = {
    "contracts_new": gettext_lazy("New contracts"),
    "contracts_changed": gettext_lazy("Changed contracts"),
    "contracts_unchanged": gettext_lazy("Unchanged contracts"),
    "contracts_rejected": gettext_lazy("Rejected contracts"),
    "groups_opened": gettext_lazy("New groups"),
    "groups_closed": gettext_lazy("Closed groups"),
    "members_new": gettext_lazy("New members"),
    "members_left": gettext_lazy("Members who left"),
    "rows": gettext_lazy("Rows read"),
    "rows_rejected": gettext_lazy("Rejected rows"),
}


class Command(BaseCommand):
    help = (
        "Load contracts, groups and members from FILE.csv. The same file twice changes nothing; "
        "a run that was killed goes on. Bad rows go to FILE.rejects.csv with the reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, write nothing"
        )
        parser.add_argument(
            "--rows", type=int, help="rows that FILE should have; its last line may say so: #rows=N"
        )
        parser.add_argument(
            "--batch-contracts",
            type=int,
            default=BATCH_CONTRACTS,
            help="contracts written in one transaction",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(_("There is no file %(path)s.") % {"path": path})
        console = Console(stderr=True)
        with ProgressBar(console, STEPS) as bar:
            try:
                outcome = import_base(
                    path,
                    at=portal_clock.now(),
                    dry_run=options["dry_run"],
                    batch_contracts=max(1, options["batch_contracts"]),
                    report=bar.report,
                    rows=options["rows"],
                )
            except FileRefused as refused:
                raise CommandError(f"{refused.code}: {refused.sq}\n{refused.en}") from refused
            except Halted as refused:
                raise CommandError(refused.text()) from refused
            except ImportRunningError as error:
                raise CommandError(
                    _("Another import is running. Try again when it has finished.")
                ) from error
        self._say(outcome, dry_run=options["dry_run"])

    def _say(self, outcome: BaseImportOutcome, *, dry_run: bool) -> None:
        table = Table(show_header=False, box=None)
        table.add_column()
        table.add_column(justify="right")
        for name, words in SUMMARY.items():
            table.add_row(str(words), str(outcome.figures[name]))
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]
        if outcome.resumed:
            self.stdout.write(_("An unfinished run of the same file was continued."))
        if outcome.changed_nothing:
            self.stdout.write(_("Nothing changed: the base already holds what the file says."))
        elif dry_run:
            self.stdout.write(_("Dry run: nothing was written."))
        if outcome.rejects:
            self.stdout.write(
                _("Rejected rows and what to do: %(path)s") % {"path": outcome.rejects}
            )
