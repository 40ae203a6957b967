"""The engine of catalogue and promotions files that come in: the same verbs as the commands."""

import csv
import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction

from groups.base_import.reading import require_rows, rows_said
from groups.base_import.run import PlanDiffers
from groups.incoming import keeping
from groups.incoming.engines import ROWS_KEPT, SAID, Looked, keep_rows
from groups.incoming.models import FileKind, FileState, IncomingFile, PreviewedRow, RowKind
from klikon.catalogue import import_file, promotions
from klikon.catalogue.import_file import CatalogueRow, import_catalogue
from klikon.catalogue.promotions import import_promotions
from klikon.models import Package
from superfamilja.accounts.models import User
from superfamilja.data.csv_files import ImportOutcome, read_rows
from superfamilja.data.progress import Report
from superfamilja.values.lek import lek
from superfamilja.values.months import local_date


def look(file: IncomingFile, at: datetime, report: Report) -> Looked:
    """Load the file and take it back; what it would change stays beside it, row by row."""
    file.previewed_rows.all().delete()
    report("read", 0, 1)
    rows = _whole(file)
    report("judge", 0, 1)
    changes: list[PreviewedRow] = []
    outcome = _imported(file, at, changes, dry_run=True)
    rejected = islice(_rejected(file, outcome.rejects), ROWS_KEPT)
    coming = _prices_to_come(file, changes, local_date(at))
    keep_rows([*changes[:ROWS_KEPT], *rejected, *coming])
    figures = {**outcome.figures, "rows": rows, "rows_rejected": outcome.figures["rejected"]}
    figures |= {"added": outcome.figures["new"], "altered": outcome.figures["changed"]}
    if file.kind == FileKind.CATALOGUE:
        figures["coming"] = len(coming)
    figures["plan"] = _mark(changes)
    del figures["new"], figures["changed"]
    return Looked(figures, needs_second=_needs_second(file, figures))


def load(file: IncomingFile, at: datetime, report: Report) -> dict[str, int]:
    """Bring it in and say so in one transaction: a killed worker has done both or neither."""
    report("merge", 0, 1)
    with transaction.atomic():
        changes: list[PreviewedRow] = []
        found = _imported(file, at, changes, actor=file.confirmed_by).figures
        agreed = (file.figures["added"], file.figures["altered"], file.figures["plan"])
        if (found["new"], found["changed"], _mark(changes)) != agreed:
            raise PlanDiffers
        here = IncomingFile.objects.filter(pk=file.pk, state=file.state)
        here.update(state=FileState.LOADED, ended_at=at)
    figures: dict[str, int] = file.figures
    return figures


def _mark(changes: list[PreviewedRow]) -> int:
    """Return one number for all that the file would change."""
    told = repr([(row.line, row.kind, row.value, row.other) for row in changes])
    return int(hashlib.sha256(told.encode()).hexdigest()[:12], 16)


def _needs_second(file: IncomingFile, figures: dict[str, int]) -> bool:
    """A price list is money, whatever its size."""
    changes = figures["added"] + figures["altered"]
    most: int = settings.INCOMING_SECOND_PERSON_CONTRACTS
    return changes > (0 if file.kind == FileKind.CATALOGUE else most)


def _whole(file: IncomingFile) -> int:
    """Return how many rows it has. Raises FileRefused when it should have others."""
    path = keeping.path_of(file)
    is_catalogue = file.kind == FileKind.CATALOGUE
    columns = import_file.COLUMNS if is_catalogue else promotions.COLUMNS
    rows = sum(1 for _row in read_rows(path, columns))
    require_rows(rows, file.rows_said, rows_said(path))
    return rows


def _imported(
    file: IncomingFile,
    at: datetime,
    changes: list[PreviewedRow],
    *,
    actor: User | None = None,
    dry_run: bool = False,
) -> ImportOutcome:
    path = keeping.path_of(file)
    if file.kind == FileKind.PROMOTIONS:
        return import_promotions(path, at=at, actor=actor, dry_run=dry_run)

    def told(line: int, row: CatalogueRow) -> None:
        changes.append(_change(file, line, row))

    return import_catalogue(path, at=at, actor=actor, dry_run=dry_run, told=told)


def _change(file: IncomingFile, line: int, row: CatalogueRow) -> PreviewedRow:
    said = row.cleaned_data
    kind = RowKind.ADDED if row.stands is None else RowKind.ALTERED
    days = f"{said['on_sale_from']:%d.%m.%Y} – "
    if said["on_sale_until"]:
        days += f"{said['on_sale_until']:%d.%m.%Y}"
    what, price = f"{said['code']} · {said['name']}", lek(said["list_price_lek"])
    return PreviewedRow(file=file, kind=kind, line=line, value=what, other=f"{price} · {days}")


def _prices_to_come(
    file: IncomingFile, changes: list[PreviewedRow], today: date
) -> list[PreviewedRow]:
    """What the price list says for days to come, once this file is in: the file's and ours."""
    if file.kind != FileKind.CATALOGUE:
        return []
    told = {(c.value, c.other.partition(" · ")[2][:10]): (c.line, c.other) for c in changes}
    for package in Package.objects.filter(on_sale_from__gt=today):
        what, day = f"{package.code} · {package.name}", f"{package.on_sale_from:%d.%m.%Y}"
        told.setdefault((what, day), (0, f"{lek(package.list_price_lek)} · {day} – "))
    to_come = [
        (_day(day), what, line, other)
        for (what, day), (line, other) in told.items()
        if _day(day) > today
    ]
    return [
        PreviewedRow(file=file, kind=RowKind.COMING, line=line, value=what, other=other)
        for _when, what, line, other in sorted(to_come)
    ]


def _day(text: str) -> date:
    day, month, year = map(int, text.split("."))
    return date(year, month, day)


def _rejected(file: IncomingFile, rejects: Path | None) -> Iterator[PreviewedRow]:
    if rejects is None:
        return
    with rejects.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            yield PreviewedRow(
                file=file,
                kind=RowKind.REJECTED,
                line=int(row["line"]),
                code=SAID,
                value=f"{row['field']}\t{row['value']}",
                other=f"{row['arsyeja']}\t{row['reason']}",
            )
