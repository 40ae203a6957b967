"""The catalogue's file: a changed price is a new row with its date; what was sold stays (R5)."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import fields_for_model, model_to_dict
from django.utils.translation import gettext_lazy as _

from klikon.models import Package
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.csv_files import FileRow, Outcome, RejectsFile, read_rows

COLUMNS = (
    "code", "family", "name", "list_price_lek", "validity_days", "benefits_sq", "benefits_en",
    "on_sale_from", "on_sale_until", "sms_code",
)  # fmt: skip


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


@transaction.atomic
def import_catalogue(
    path: Path, *, at: datetime, actor: User | None = None, dry_run: bool = False
) -> Outcome:
    """Load the catalogue file; a bad row never stops the good ones. Raises FileRefused."""
    figures: Counter[str] = Counter(new=0, changed=0, unchanged=0, rejected=0)
    seen: dict[tuple[str, str], int] = {}
    with RejectsFile(path) as rejects:
        for row in read_rows(path, COLUMNS):
            if row.problem:
                rejects.reject(row, {"": [row.problem]})
                continue
            form = _judged(row, seen)
            if form.errors:
                rejects.reject(row, form.errors.as_data())
                continue
            figures[form.outcome()] += 1
            if form.outcome() != "unchanged" and not dry_run:
                form.write()
    figures["rejected"] = rejects.rows
    if not dry_run and (figures["new"] or figures["changed"]):
        acts.record("import_catalogue", actor=actor, at=at, reason=path.name, figures=figures)
    return Outcome(figures, rejects.path if rejects.rows else None)


def _judged(row: FileRow, seen: dict[tuple[str, str], int]) -> CatalogueRow:
    form = CatalogueRow(row.cells)
    form.full_clean()
    same = (row.cells["code"].upper(), row.cells["on_sale_from"])
    if (first := seen.setdefault(same, row.line)) != row.line:
        form.add_error(
            "code", ValidationError(_("It repeats line %(line)s."), params={"line": first})
        )
    return form
