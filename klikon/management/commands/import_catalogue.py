"""Bring a catalogue file into the portal."""

from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from klikon.catalogue_import import import_catalogue
from superfamilja.csv_files import Outcome
from superfamilja.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Load packages from FILE.csv: a changed price is a new row with its own date. The same "
        "file twice changes nothing. Bad rows go to FILE.rejects.csv with the reason."
    )
    summary = _(
        "Packages: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, "
        "%(rejected)s rejected."
    )

    def load(self, path: Path, at: datetime, dry_run: bool) -> Outcome:
        return import_catalogue(path, at=at, dry_run=dry_run)
