"""Bring a catalogue file into the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from klikon.catalogue import import_catalogue
from superfamilja.csv_files import FileRefused


class Command(BaseCommand):
    help = (
        "Load packages from FILE.csv: a changed price is a new row with its own date. The same "
        "file twice changes nothing. Bad rows go to FILE.rejects.csv with the reason."
    )

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
            outcome = import_catalogue(path, at=timezone.now(), dry_run=options["dry_run"])
        except FileRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            _(
                "Packages: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, "
                "%(rejected)s rejected."
            )
            % outcome.figures
        )
        if outcome.rejects:
            self.stdout.write(
                _("Rejected rows and what to do: %(path)s") % {"path": outcome.rejects}
            )
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was written."))
