"""Write the month's files for the fixed billing system (R14, R22).

A file is issued once and always has the same bytes. Only an approved month is issued. One COPY
makes its file, which is stored compressed with its checksum and written into a folder as often as
needed. Parked entries that are resolved later follow in numbered supplements. A month that is not
approved gives a draft, marked as such.
"""

import csv
import hashlib
import io
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from billing.bill import ON_THE_BILLS
from billing.models import BillMonth, IssuedFile, IssuedPart, MonthState, ParkedEntry
from billing.month import next_file
from billing.month.folder import write_whole
from billing.month.next_file import NextFile
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.data.database import large_statements
from superfamilja.epoch import standing
from superfamilja.refusal import Refusal
from superfamilja.values.lek import VAT_PERCENT
from superfamilja.values.months import month_label
from superfamilja.values.random_keys import number_of

COLUMNS = (
    "contract_number",
    "period",
    "entry_reference",
    "description",
    "activations",
    "amount_lek",
    "vat_lek",
)
TRAILER = "TRAILER"
DRAFT = "DRAFT"
_PIECE = 1 << 20
NAMED_BY = 12  # characters of the checksum: 48 bits

# Entries with nothing on the bill (all reversed, or all carried) give no line.
_LINES = """
WITH on_the_bills AS MATERIALIZED ({on_the_bills}),
counted AS (SELECT entry_id, count(*) AS activations FROM on_the_bills GROUP BY entry_id),
described AS ({described})
SELECT {number}, %(period)s, %(prefix)s || spelled_key(e.id), {text},
       coalesce(n.activations, 0), e.total,
       round(e.total::numeric * %(vat)s / (100 + %(vat)s), 2)
FROM ({entries}) e
JOIN groups_contract c ON c.id = e.contract_id
JOIN described d ON d.entry_id = e.id
LEFT JOIN counted n ON n.entry_id = e.id
WHERE e.total <> 0 OR n.activations > 0
ORDER BY c.number
"""


class MonthNotApproved(Refusal):
    rule = "R22"
    code = "month_not_approved"
    sentence = gettext_noop("Month %(month)s is not approved, so no file goes out. Take a draft.")


class NoDraftAnyMore(Refusal):
    rule = "R22"
    code = "no_draft_any_more"
    sentence = gettext_noop("Month %(month)s is approved: take its file instead of a draft.")


@dataclass
class Sums:
    """The sums in a file's trailer, over its lines without header and trailer."""

    entries: int = 0
    activations: int = 0
    amount_lek: int = 0
    vat_lek: Decimal = Decimal("0.00")

    def add(self, line: bytes) -> None:
        activations, amount, vat = line.rsplit(b",", 3)[1:]
        self.entries += 1
        self.activations += int(activations)
        self.amount_lek += int(amount)
        self.vat_lek += Decimal(vat.decode())


@dataclass
class Exported:
    """What was written: the draft, or every issued file of the month; and its sums."""

    is_draft: bool
    paths: list[Path] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)


def export_month(
    month: date, to: Path, *, at: datetime, actor: User | None = None, reason: str = ""
) -> Exported:
    """Write the month's files, or a draft, into the folder `to`, each with its `.sha256`.

    An issued file is `klikon-YYYY-MM-CHECKSUM.csv`, a supplement `klikon-YYYY-MM-1-CHECKSUM.csv`
    and so on, with the first twelve characters of their SHA-256. A month that nobody has approved
    gives `klikon-YYYY-MM-draft.csv`. Amounts are in whole Lek with VAT; VAT is to 0.01, once an
    entry. A file appears whole or not at all; an issued one always has the same bytes.
    """
    to.mkdir(parents=True, exist_ok=True)
    if not BillMonth.objects.filter(month=month, state=MonthState.APPROVED).exists():
        return draft(month, to, at=at, actor=actor, reason=reason)
    exported = Exported(is_draft=False)
    for issued in issue(month, at=at, actor=actor, reason=reason):
        path = to / issued.name
        write_whole(path, content_of(issued))
        write_whole(to / f"{issued.name}.sha256", iter([checksum_of(issued)]))
        exported.paths.append(path)
        exported.sums.entries += issued.entries
        exported.sums.activations += issued.activations
        exported.sums.amount_lek += issued.amount_lek
        exported.sums.vat_lek += issued.vat_lek
    return exported


@transaction.atomic
def issue(
    month: date,
    *,
    at: datetime,
    actor: User | None,
    reason: str,
    expected: NextFile | None = None,
) -> list[IssuedFile]:
    """Return every file of an approved month, oldest first; issue what is still missing.

    `expected` is what the person has seen that the file will hold. Raises MonthNotApproved,
    FileChanged, Halted.
    """
    standing.require_open()  # R36
    row = BillMonth.objects.select_for_update().filter(month=month).first()
    if row is None or row.state != MonthState.APPROVED:
        raise MonthNotApproved(month=month_label(month))
    files = list(IssuedFile.objects.filter(month=month).order_by("number"))
    resolved = next_file.resolved(month)
    if files and not resolved:
        return files
    number = files[-1].number + 1 if files else 0
    files.append(_issue(month, number, resolved, at=at, actor=actor, reason=reason))
    held = NextFile(files[-1].entries, files[-1].amount_lek)
    next_file.require_seen(month, expected, held)
    _mark(resolved, files[-1])
    return files


def draft(month: date, to: Path, *, at: datetime, actor: User | None, reason: str) -> Exported:
    """Write a draft of the file, marked as such, into the folder. Raise NoDraftAnyMore."""
    if BillMonth.objects.filter(month=month, state=MonthState.APPROVED).exists():
        raise NoDraftAnyMore(month=month_label(month))
    exported = Exported(is_draft=True, paths=[to / _name(month, "-draft")])
    with transaction.atomic():
        lines = _content(
            month, next_file.ALL_BUT_PARKED, next_file.resolved(month), DRAFT, exported.sums
        )
        write_whole(exported.paths[0], lines)
        acts.record(
            "export_draft",
            actor=actor,
            at=at,
            reason=reason,
            month=f"{month:%Y-%m}",
            entries=exported.sums.entries,
            amount_lek=exported.sums.amount_lek,
        )
    return exported


def content_of(issued: IssuedFile) -> Iterator[bytes]:
    """Yield the issued bytes, piece by piece."""
    for part in issued.parts.order_by("number").iterator(chunk_size=4):
        yield zlib.decompress(part.content)


def checksum_of(issued: IssuedFile) -> bytes:
    """Return the line that `sha256sum -c` reads."""
    return f"{issued.sha256}  {issued.name}\n".encode()


@dataclass(frozen=True)
class IssuedLine:
    """One line of an issued file: its entry, and the amount in Lek."""

    entry_id: int
    amount_lek: int


def lines_of(file: IO[bytes]) -> Iterator[IssuedLine]:
    """Read the lines of a file that went out, without header and trailer."""
    rows = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""))
    next(rows)
    for row in rows:
        if key := row[2].partition("-")[2]:  # the trailer has a count there
            yield IssuedLine(number_of(key), int(row[5]))


def _mark(resolved: list[int], issued: IssuedFile) -> None:
    ParkedEntry.objects.filter(pk__in=resolved).update(issued_in=issued)


def _issue(
    month: date,
    number: int,
    resolved: list[int],
    *,
    at: datetime,
    actor: User | None,
    reason: str,
) -> IssuedFile:
    digest, sums = hashlib.sha256(), Sums()
    which = next_file.which_of(number)
    # COPY keeps the connection busy, so the parts are stored after it.
    with tempfile.TemporaryFile() as file:
        for piece in _content(month, which, resolved, TRAILER, sums):
            digest.update(piece)
            file.write(piece)
        issued = IssuedFile.objects.create(
            month=month,
            number=number,
            name=_name_of(month, number, digest.hexdigest()),
            sha256=digest.hexdigest(),
            issued_at=at,
            issued_by=actor,
            entries=sums.entries,
            activations=sums.activations,
            amount_lek=sums.amount_lek,
            vat_lek=sums.vat_lek,
            for_outbox=settings.OUTBOX_DIR is not None,
        )
        file.seek(0)
        for part, piece in enumerate(iter(lambda: file.read(_PIECE), b"")):
            IssuedPart.objects.create(file=issued, number=part, content=zlib.compress(piece, 1))
    acts.record(
        "export_month",
        actor=actor,
        at=at,
        reason=reason,
        month=f"{month:%Y-%m}",
        file=issued.name,
        entries=sums.entries,
        amount_lek=sums.amount_lek,
    )
    return issued


def _name_of(month: date, number: int, sha256: str) -> str:
    """Return the name with a piece of the checksum; other content never has this name (R36)."""
    return _name(month, f"{f'-{number}' if number else ''}-{sha256[:NAMED_BY]}")


def _name(month: date, which: str) -> str:
    return f"klikon-{month:%Y-%m}{which}.csv"


def _content(
    month: date, which: str, resolved: list[int], trailer: str, sums: Sums
) -> Iterator[bytes]:
    """Yield header, one line an entry, and the trailer with count and sums, which it adds up."""
    yield (",".join(COLUMNS) + "\n").encode()
    large_statements()
    sql, values = _lines(month, which, resolved)
    lines: list[bytes] = []
    size = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", values) as copy,
    ):
        for row in copy:
            line = bytes(row)
            sums.add(line)
            lines.append(line)
            size += len(line)
            if size >= _PIECE:
                yield b"".join(lines)
                lines, size = [], 0
    yield b"".join(lines)
    yield (
        f"{trailer},{month:%Y-%m},{sums.entries},,{sums.activations},{sums.amount_lek},"
        f"{sums.vat_lek}\n"
    ).encode()


def _lines(month: date, which: str, resolved: list[int]) -> tuple[str, dict[str, Any]]:
    described, values = import_string(settings.BILL_TEXT_PROVIDER)(month)
    sql = _LINES.format(
        on_the_bills=ON_THE_BILLS,
        described=described,
        entries=next_file.ENTRIES.format(which=which),
        number=_inert("c.number"),
        text=_inert("d.text"),
    )
    return sql, {
        **values,
        "month": month,
        "period": f"{month:%Y-%m}",
        "prefix": f"K{month:%y%m}-",
        "vat": VAT_PERCENT,
        "resolved": resolved,
    }


def _inert(column: str) -> str:
    """Return text as superfamilja.data.csv_files.inert does: shown by a spreadsheet, never run."""
    return rf"CASE WHEN {column} ~ '^[-=+@\t\r]' THEN '''' || {column} ELSE {column} END"
