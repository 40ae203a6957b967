"""Import a catalogue file."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils.translation import gettext_lazy as _

from klikon.catalogue.import_command import ImportCommand
from klikon.catalogue.import_file import ImportChoices, import_catalogue
from superfamilja.data.csv_files import ImportOutcome
from superfamilja.values import texts
from superfamilja.values.lek_field import read_lek


class Command(ImportCommand):
    help = (
        "Load packages from FILE.csv: a changed price is a new row with its own date. The same "
        "file twice changes nothing. Bad rows go to FILE.rejects.csv with the reason."
    )
    summary = _(
        "Packages: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, "
        "%(rejected)s rejected."
    )
    asked = ImportChoices()

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--confirm-price",
            action="append",
            default=[],
            metavar="CODE=LEK",
            help="this price is right, though it differs from the one before by more than half",
        )
        parser.add_argument(
            "--replace-prices",
            action="store_true",
            help="put right the prices that nobody bought at; takes a --reason",
        )
        parser.add_argument("--reason", default="", help="why prices are replaced")

    def handle(self, *args: Any, **options: Any) -> None:
        reason = texts.clean(options["reason"])
        if options["replace_prices"] and not reason:
            raise CommandError(_("Say why: --replace-prices takes a --reason."))
        confirmed = [_confirmed(text) for text in options["confirm_price"]]
        self.asked = ImportChoices(confirmed, reason if options["replace_prices"] else "")
        super().handle(*args, **options)

    def load(self, path: Path, at: datetime, dry_run: bool) -> ImportOutcome:
        return import_catalogue(path, at=at, dry_run=dry_run, asked=self.asked)


def _confirmed(text: str) -> tuple[str, int]:
    code, _equals, amount = text.partition("=")
    try:
        return texts.clean_code(code).upper(), read_lek(amount, at_least=1)
    except ValidationError as error:
        raise CommandError(f"--confirm-price {text}: {' '.join(error.messages)}") from error
