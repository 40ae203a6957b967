"""The catalogue of packages as history: what was on sale on a date, at what price (R5)."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import fields_for_model, model_to_dict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from klikon.models import SUPER, Package
from klikon.pricing import Price
from klikon.refusals import Offer
from klikon.snapshot import Facts
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.csv_files import FileRefused, RejectsFile, read_header
from superfamilja.months import local_date

COLUMNS = (
    "code", "family", "name", "list_price_lek", "validity_days", "benefits_sq", "benefits_en",
    "on_sale_from", "on_sale_until", "sms_code",
)  # fmt: skip
REJECTS_HEADER = ("line", "field", "value", "arsyeja", "reason")


class CatalogueRow(forms.Form):
    """One row of the file: its shape, and whether it fits what the catalogue already says."""

    stands: Package | None = None

    def __init__(self, row: dict[str, str]) -> None:
        super().__init__(row)
        self.fields.update(fields_for_model(Package, COLUMNS))
        for name in ("on_sale_from", "on_sale_until"):
            self.fields[name] = forms.DateField(
                required=name == "on_sale_from",
                input_formats=["%Y-%m-%d"],
                error_messages={"invalid": _("This is not a date; write it as 2026-11-30.")},
            )

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).upper()

    def clean_family(self) -> str:
        return str(self.cleaned_data["family"]).lower()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if self.errors:
            return cleaned
        until = cleaned["on_sale_until"]
        if until and until <= cleaned["on_sale_from"]:
            self.add_error("on_sale_until", _("It must be later than on_sale_from."))
            return cleaned
        self.stands = Package.objects.filter(
            code=cleaned["code"], on_sale_from=cleaned["on_sale_from"]
        ).first()
        if self.stands:
            was = model_to_dict(self.stands, COLUMNS)
            for name in COLUMNS:
                if was[name] != cleaned[name] and name != "on_sale_until":
                    self.add_error(
                        name,
                        ValidationError(
                            _(
                                "Since this date it stands as “%(was)s”. What was sold stays as it "
                                "was: write the change as a new row with its own on_sale_from."
                            ),
                            params={"was": was[name]},
                        ),
                    )
        return cleaned

    def outcome(self) -> str:
        """new, changed (only its last day on sale can change) or unchanged."""
        if self.stands is None:
            return "new"
        until = self.cleaned_data["on_sale_until"]
        return "unchanged" if self.stands.on_sale_until == until else "changed"

    def write(self) -> None:
        """Put the row into the catalogue."""
        if self.stands is None:
            Package.objects.create(**{name: self.cleaned_data[name] for name in COLUMNS})
        else:
            Package.objects.filter(pk=self.stands.pk).update(
                on_sale_until=self.cleaned_data["on_sale_until"]
            )


def still_fits(facts: Facts, at: datetime, room_lek: int) -> list[Offer]:
    """E5, E18: the Klik-ON packages on sale that the room still holds, cheapest first."""
    return fitting(Package.objects.on_sale(local_date(at)).filter(family=SUPER), facts, room_lek)


def fitting(packages: Iterable[Package], facts: Facts, room_lek: int) -> list[Offer]:
    """Those of these packages that Klik-ON sells (R5) and the room holds, in their order."""
    return [
        Offer(code=package.code, name=package.name, charged_lek=price.charged_lek)
        for package in packages
        if package.list_price_lek >= facts.smallest_list_price_lek
        and (price := Price(package.list_price_lek, facts.discount_lek)).charged_lek <= room_lek
    ]


@dataclass(frozen=True)
class Outcome:
    """What an import did: rows new, changed, unchanged and rejected; where the rejects are."""

    figures: Counter[str]
    rejects: Path | None


@transaction.atomic
def import_catalogue(
    path: Path, *, at: datetime, actor: User | None = None, dry_run: bool = False
) -> Outcome:
    """Load the catalogue file; a bad row never stops the good ones. Raises FileRefused."""
    figures: Counter[str] = Counter(new=0, changed=0, unchanged=0, rejected=0)
    with RejectsFile(path, REJECTS_HEADER) as rejects:
        seen: dict[tuple[str, str], int] = {}
        for line, row in _rows(path):
            form = CatalogueRow(row)
            form.full_clean()
            same = (row["code"].upper(), row["on_sale_from"])
            if (first := seen.setdefault(same, line)) != line:
                form.add_error(
                    "code", ValidationError(_("It repeats line %(line)s."), params={"line": first})
                )
            if form.errors:
                figures["rejected"] += 1
                _reject(rejects, line, row, form)
                continue
            figures[form.outcome()] += 1
            if form.outcome() != "unchanged" and not dry_run:
                form.write()
    if not dry_run and (figures["new"] or figures["changed"]):
        acts.record("import_catalogue", actor=actor, at=at, reason=path.name, figures=figures)
    return Outcome(figures, rejects.path if figures["rejected"] else None)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    header = read_header(path, COLUMNS)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=header.delimiter)
            next(reader)
            for cells in reader:
                if any(cells):
                    padded = [*map(str.strip, cells), *[""] * (len(COLUMNS) - len(cells))]
                    row = dict(zip(header.columns, padded, strict=False))
                    # A stray comma shifts cells; the last one then holds what is too much.
                    row[header.columns[-1]] = ",".join(padded[len(COLUMNS) - 1 :])
                    yield reader.line_num, row
    except UnicodeDecodeError as error:
        raise FileRefused(
            "wrong_encoding",
            "Skedari nuk është në UTF-8. Ruajeni si “CSV UTF-8”; asgjë nuk u ngarkua.",
            "The file is not UTF-8. Save it as “CSV UTF-8”; nothing was loaded.",
        ) from error


def _reject(rejects: RejectsFile, line: int, row: dict[str, str], form: CatalogueRow) -> None:
    for field, errors in form.errors.as_data().items():
        for error in errors:
            rejects.write(line, field, row.get(field, ""), _in("sq", error), _in("en", error))


def _in(language: str, error: ValidationError) -> str:
    with override(language):
        return " ".join(error.messages)
