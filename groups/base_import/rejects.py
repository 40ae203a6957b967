"""FILE.rejects.csv: every row that was not imported, why, and what to do.

FILE.mend.csv: the same rows in the columns of the file itself. Mended, it is loaded as a file.
"""

import csv
from collections.abc import Iterator
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from groups.base_import.words import WORDS
from superfamilja.data.csv_files import (
    REASON_COLUMNS,
    Header,
    Lines,
    RejectsFile,
    csv_lines,
    whole_record,
)

HEADER = ("line", "contract_number", "field", "value", "code", "arsyeja", "reason")
_PAGE = 5000


def write_rejects(path: Path) -> tuple[int, Path | None]:
    """Write the rejects of this run; without any there is no file.

    Return the number of rows that were left out, and the file.
    """
    rows, before = 0, None
    with transaction.atomic(), RejectsFile(path, HEADER) as file:
        for line, *cells in _rejects():
            rows += line != before
            before = line
            file.write(line, *_shown(*cells))
    return rows, file.path if rows else None


def _rejects() -> Iterator[tuple[Any, ...]]:
    """Read by a cursor of the server, so that a million rejects need no memory here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DECLARE base_import_rejects NO SCROLL CURSOR FOR "
            "SELECT line, contract_number, field, value, code, other FROM base_import_reject "
            "ORDER BY line, field, code"
        )
        while True:
            cursor.execute(f"FETCH {_PAGE} FROM base_import_rejects")
            page = cursor.fetchall()
            yield from page
            if len(page) < _PAGE:
                break
        cursor.execute("CLOSE base_import_rejects")


def _shown(
    contract: str | None, field: str, value: str | None, code: str, other: str | None
) -> list[str]:
    sq, en = (
        text.format(field=field, value=value or "", other=other or "") for text in WORDS[code]
    )
    return [contract or "", field, value or "", code, sq, en]


def write_mendable(path: Path, header: Header) -> Path | None:
    """Write the rejected rows as they came, with why beside each; none leaves no file."""
    target = path.with_suffix(".mend.csv")
    target.unlink(missing_ok=True)
    with transaction.atomic():
        why = groupby(_rejects(), key=itemgetter(0))
        first = next(why, None)
        if first is None:
            return None
        with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as file:
            lines = Lines(source)
            rows = (
                _mendable(lines, header, line, [_shown(*cells) for _line, *cells in problems])
                for line, problems in chain([first], why)
            )
            file.writelines(csv_lines([*header.kept, *REASON_COLUMNS], rows))
    return target


def _mendable(lines: Lines, header: Header, line: int, problems: list[list[str]]) -> list[str]:
    """The cells of that line of the file, as many as there are columns, and the reasons."""
    record = _record_at(lines, line)
    text = record.decode("utf-8", "replace").replace("\0", "").strip("\r\n")
    cells = next(csv.reader(text.splitlines() or [""], delimiter=header.delimiter), [])
    reasons = [" ".join(dict.fromkeys(problem[at] for problem in problems)) for at in (4, 5)]
    if len(cells) != len(header.columns):
        reasons = [f"{reason} ⟨{text}⟩" for reason in reasons]
    cells = (cells + [""] * len(header.columns))[: len(header.columns)]
    return [*(cell for at, cell in enumerate(cells) if at not in header.ignored), *reasons]


def _record_at(lines: Lines, line: int) -> bytes:
    """Read on to that line; a record that never closes its quote is one line."""
    for number, start in lines:
        if number == line:
            return whole_record(start, lines) or start
    return b""
