"""Import a file of promotions."""

from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from klikon.catalogue.import_command import ImportCommand
from klikon.catalogue.promotions import import_promotions
from superfamilja.data.csv_files import ImportOutcome


class Command(ImportCommand):
    help = (
        "Load the promotions that numbers have outside Klik-ON from FILE.csv: columns msisdn, "
        "package_code (or *), kind (percent or amount), value, valid_from, valid_to. Only valid_to "
        "of a promotion can change; anything else is another promotion. The same file twice "
        "changes nothing. Bad rows go to FILE.rejects.csv with the reason."
    )
    summary = _(
        "Promotions: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, "
        "%(rejected)s rejected."
    )

    def load(self, path: Path, at: datetime, dry_run: bool) -> ImportOutcome:
        return import_promotions(path, at=at, dry_run=dry_run)
