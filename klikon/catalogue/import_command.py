"""Base of the commands that import a file; a subclass names its verb."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from superfamilja.clock import portal_clock
from superfamilja.data.csv_files import FileRefused, ImportOutcome
from superfamilja.epoch import standing
from superfamilja.epoch.refusals import Halted


class ImportCommand(ABC, BaseCommand):
    """`manage.py import_… FILE.csv [--dry-run]`: prints the summary and the rejects file."""

    summary: ClassVar[str | Promise]

    @abstractmethod
    def load(self, path: Path, at: datetime, dry_run: bool) -> ImportOutcome:
        """Call the verb. Raise FileRefused."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(_("There is no file %(path)s.") % {"path": path})
        try:
            standing.require_open()
            outcome = self.load(path, portal_clock.now(), options["dry_run"])
        except FileRefused as refused:
            raise CommandError(str(refused)) from refused
        except Halted as refused:
            raise CommandError(refused.text()) from refused
        self.stdout.write(str(self.summary) % outcome.figures)
        if outcome.rejects:
            self.stdout.write(
                _("Rejected rows and what to do: %(path)s") % {"path": outcome.rejects}
            )
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was written."))
