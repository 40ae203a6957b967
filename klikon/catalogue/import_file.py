"""Import the catalogue's file: a changed price is a new row with its date; sold rows stay (R5)."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.forms.models import fields_for_model, model_to_dict
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from klikon.catalogue import price_correction
from klikon.models import Package
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.data.csv_files import FileRow, ImportOutcome, RejectsFile, read_rows
from superfamilja.refusal import Refusal
from superfamilja.values import texts
from superfamilja.values.lek import lek
from superfamilja.values.lek_field import CountField, LekField
from superfamilja.values.text_field import CopiedCodeField, LineField

COLUMNS = (
    "code",
    "family",
    "name",
    "list_price_lek",
    "validity_days",
    "benefits_sq",
    "benefits_en",
    "on_sale_from",
    "on_sale_until",
    "sms_code",
)
_MAY_CHANGE = ("on_sale_until", "list_price_lek")
_MOST_DAYS = 32_767  # the largest value of the column


@dataclass(frozen=True)
class ImportChoices:
    """Answers that the person gives with the file.

    They name prices that are right although far from the earlier ones (code and Lek), and say why
    wrong prices are replaced (empty: none is).
    """

    confirmed: Collection[tuple[str, int]] = ()
    replacing_because: str = ""


class CatalogueRow(forms.Form):
    """A row of the file: its shape, and whether it fits the catalogue."""

    stands: Package | None = None

    def __init__(self, row: dict[str, str], asked: ImportChoices) -> None:
        super().__init__(row)
        self.asked = asked
        self.fields.update(fields_for_model(Package, COLUMNS))
        self.fields.update(_fields())

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
        self._require_what_stands()
        self._require_a_price_near_the_one_before()
        return cleaned

    def _require_what_stands(self) -> None:
        was = model_to_dict(self.stands, COLUMNS) if self.stands else {}
        for name in was:
            if _same(was[name], self.cleaned_data[name]) or name == "on_sale_until":
                continue
            if name == "list_price_lek" and self.asked.replacing_because:
                continue
            self.add_error(name, _stands(name, was[name]))

    def _require_a_price_near_the_one_before(self) -> None:
        if self.errors or not self.writes_a_price:
            return
        code, price = self.cleaned_data["code"], self.cleaned_data["list_price_lek"]
        before = price_correction.price_before(code, self.cleaned_data["on_sale_from"])
        if before is None or (code, price) in self.asked.confirmed:
            return
        if price_correction.is_far_off(price, before):
            self.add_error("list_price_lek", _far_off(code, price, before))

    @property
    def writes_a_price(self) -> bool:
        """Return whether it is a new version, or another price for the present one."""
        price = self.cleaned_data["list_price_lek"]
        return self.stands is None or self.stands.list_price_lek != price

    def outcome(self) -> str:
        """Return new, changed (its last day on sale, or a corrected price) or unchanged."""
        if self.stands is None:
            return "new"
        now = [self.cleaned_data[name] for name in _MAY_CHANGE]
        was = [getattr(self.stands, name) for name in _MAY_CHANGE]
        return "unchanged" if was == now else "changed"

    def write(self, *, at: datetime, actor: User | None) -> None:
        """Put the row into the catalogue. Raise PriceWasBought."""
        if self.stands is None:
            Package.objects.create(**{name: self.cleaned_data[name] for name in COLUMNS})
            return
        if self.writes_a_price:
            price_correction.correct_price(
                package=self.stands,
                list_price_lek=self.cleaned_data["list_price_lek"],
                at=at,
                actor=actor,
                reason=self.asked.replacing_because,
                is_confirmed=True,
            )
        Package.objects.filter(pk=self.stands.pk).update(
            on_sale_until=self.cleaned_data["on_sale_until"]
        )


Told = Callable[[int, CatalogueRow], None]


def _fields() -> dict[str, forms.Field]:
    """Add the columns that Django's own fields would read differently."""
    days = {
        name: forms.DateField(
            required=name == "on_sale_from",
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": _("This is not a date; write it as 2026-11-30.")},
        )
        for name in ("on_sale_from", "on_sale_until")
    }
    return {
        "code": CopiedCodeField(max_length=20),
        "family": CopiedCodeField(max_length=20),
        "sms_code": CopiedCodeField(max_length=20, required=False),
        "name": LineField(max_length=60),
        "benefits_sq": LineField(max_length=300),
        "benefits_en": LineField(max_length=300),
        "list_price_lek": LekField(min_value=1),
        "validity_days": CountField(min_value=1, max_value=_MOST_DAYS),
        **days,
    }


def _same(was: Any, now: Any) -> bool:
    """Return whether texts are equal once cleaned; stored ones may predate the normaliser."""
    return bool((texts.clean(was) if isinstance(was, str) else was) == now)


def _stands(name: str, was: object) -> ValidationError:
    if name == "list_price_lek":
        return ValidationError(
            _(
                "Since this date it stands as “%(was)s”. What was sold stays as it was: write the "
                "change as a new row with its own on_sale_from. A price that is wrong and that "
                "nobody bought at may be replaced: load with --replace-prices and a reason."
            ),
            params={"was": was},
        )
    return ValidationError(
        _(
            "Since this date it stands as “%(was)s”. What was sold stays as it was: write the "
            "change as a new row with its own on_sale_from."
        ),
        params={"was": was},
    )


def _far_off(code: str, price_lek: int, before_lek: int) -> ValidationError:
    return ValidationError(
        _(
            "Before it cost %(before)s; %(price)s differs by more than half. If it is right, load "
            "with --confirm-price %(code)s=%(number)s."
        ),
        params={
            "before": lek(before_lek),
            "price": lek(price_lek),
            "code": code,
            "number": price_lek,
        },
    )


@transaction.atomic
def import_catalogue(
    path: Path,
    *,
    at: datetime,
    actor: User | None = None,
    dry_run: bool = False,
    asked: ImportChoices = ImportChoices(),
    told: Told = lambda line, row: None,
) -> ImportOutcome:
    """Load the catalogue file; a bad row never stops the good ones. Raise FileRefused.

    A dry run does the same and takes it back. `told` hears of each row that is new or changes.
    """
    figures: Counter[str] = Counter(new=0, changed=0, unchanged=0, rejected=0)
    seen: dict[tuple[str, str], int] = {}
    with RejectsFile(path, columns=COLUMNS) as rejects:
        for row in read_rows(path, COLUMNS):
            if row.problem:
                rejects.reject(row, {"": [row.problem]})
                continue
            form = _judged(row, seen, asked)
            if problems := form.errors.as_data() or _written(form, at, actor):
                rejects.reject(row, problems)
            else:
                outcome = form.outcome()
                figures[outcome] += 1
                if outcome != "unchanged":
                    told(row.line, form)
    figures["rejected"] = rejects.rows
    if dry_run:
        transaction.set_rollback(True)
    elif figures["new"] or figures["changed"]:
        reason = asked.replacing_because or path.name
        acts.record("import_catalogue", actor=actor, at=at, reason=reason, figures=figures)
    return ImportOutcome(figures, rejects.path if rejects.rows else None)


def _judged(row: FileRow, seen: dict[tuple[str, str], int], asked: ImportChoices) -> CatalogueRow:
    form = CatalogueRow(row.cells, asked)
    form.full_clean()
    same = (row.cells["code"].upper(), row.cells["on_sale_from"])
    if (first := seen.setdefault(same, row.line)) != row.line:
        form.add_error(
            "code", ValidationError(_("It repeats line %(line)s."), params={"line": first})
        )
    return form


def _written(
    form: CatalogueRow, at: datetime, actor: User | None
) -> dict[str, list[ValidationError]]:
    """Write the row; return what is wrong with it, if anything. Earlier rows stay."""
    if form.outcome() == "unchanged":
        return {}
    try:
        with transaction.atomic():
            form.write(at=at, actor=actor)
    except Refusal as refusal:
        return {"list_price_lek": [ValidationError(lazystr(_Said(refusal)))]}
    except DatabaseError:
        return {"": [ValidationError(_("The catalogue cannot hold this row. Check its numbers."))]}
    return {}


class _Said:
    """A refusal in the current language when it is written: the file carries both."""

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal

    def __str__(self) -> str:
        return self._refusal.text()
