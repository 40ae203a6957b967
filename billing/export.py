"""The month's file for the fixed billing system (R14, R22): a line an entry, and a trailer."""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.module_loading import import_string

from billing.models import BillEntry, ChargeState
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.csv_files import inert

COLUMNS = (
    "contract_number", "period", "entry_reference", "description", "activations", "amount_lek",
    "vat_lek",
)  # fmt: skip
TRAILER = "TRAILER"
_PAGE = 5_000

# What the bill says of an entry is known above: a product describes the entries of a page.
Describe = Callable[[Sequence[BillEntry]], Mapping[int, str]]


@dataclass
class Exported:
    """What was written: the file, its lines without header and trailer, and their sums."""

    path: Path
    entries: int = 0
    activations: int = 0
    amount_lek: int = 0
    vat_lek: Decimal = Decimal("0.00")


def export_month(
    month: date, to: Path, *, at: datetime, actor: User | None = None, reason: str = ""
) -> Exported:
    """Write `klikon-YYYY-MM.csv` into the folder `to`; the same month gives the same bytes.

    Amounts in whole Lek with VAT, VAT to 0.01, once an entry. The trailer repeats the count
    and the sums. The file appears whole or not at all.
    """
    to.mkdir(parents=True, exist_ok=True)
    exported = Exported(to / f"klikon-{month:%Y-%m}.csv")
    unfinished = exported.path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        # A cursor of the server: every line is of one instant, and memory stays flat.
        with transaction.atomic():
            for entry, text in _described(_entries(month)):
                writer.writerow(_line(entry, text, exported))
        writer.writerow(
            (TRAILER, f"{month:%Y-%m}", exported.entries, "", exported.activations,
             exported.amount_lek, exported.vat_lek)
        )  # fmt: skip
        file.flush()
        os.fsync(file.fileno())
    acts.record(
        "export_month", actor=actor, at=at, reason=reason, month=f"{month:%Y-%m}",
        entries=exported.entries, amount_lek=exported.amount_lek,
    )  # fmt: skip
    unfinished.replace(exported.path)
    return exported


def _entries(month: date) -> QuerySet[BillEntry]:
    return (
        BillEntry.objects.of(month)
        .select_related("contract")
        .annotate(activations=Count("charges", filter=~Q(charges__state=ChargeState.REVERSED)))
        .order_by("contract__number")
    )


def _described(entries: QuerySet[BillEntry]) -> Iterator[tuple[BillEntry, str]]:
    describe: Describe = import_string(settings.BILL_TEXT_PROVIDER)
    rows = entries.iterator(chunk_size=_PAGE)
    while page := list(islice(rows, _PAGE)):
        texts = describe(page)
        yield from ((entry, texts[entry.pk]) for entry in page)


def _line(entry: BillEntry, text: str, exported: Exported) -> tuple[object, ...]:
    activations: int = entry.activations  # type: ignore[attr-defined]
    exported.entries += 1
    exported.activations += activations
    exported.amount_lek += entry.total_lek
    exported.vat_lek += entry.vat_lek
    return (
        inert(entry.contract.number), f"{entry.month:%Y-%m}", entry.reference, inert(text),
        activations, entry.total_lek, entry.vat_lek,
    )  # fmt: skip
