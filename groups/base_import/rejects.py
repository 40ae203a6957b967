"""FILE.rejects.csv: every row that was not taken in, why, and what to do."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.db import connection, transaction

from groups.base_import.words import WORDS

HEADER = ["line", "contract_number", "field", "value", "code", "arsyeja", "reason"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PAGE = 5000


def rejects_path(path: Path) -> Path:
    """base.csv → base.rejects.csv, beside it."""
    return path.with_suffix(".rejects.csv")


def write_rejects(path: Path) -> int:
    """Write the rejects of this run; one without any leaves no file. Returns the rows left out."""
    target = rejects_path(path)
    target.unlink(missing_ok=True)
    lines, before = 0, None
    with transaction.atomic(), _Late(target) as file:
        for row in _rejects():
            lines += row[0] != before
            before = row[0]
            file.write(_shown(row))
    return lines


class _Late:
    """A CSV file that comes into being with its first row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> "_Late":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, row: list[str]) -> None:
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            self.write(HEADER)
        csv.writer(self._file, lineterminator="\n").writerow(row)


def _rejects() -> Iterator[tuple[Any, ...]]:
    """Paged by a cursor of the server, so that a million rejects need no memory here."""
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


def _shown(row: tuple[Any, ...]) -> list[str]:
    line, contract, field, value, code, other = row
    sq, en = (
        text.format(field=field, value=value or "", other=other or "") for text in WORDS[code]
    )
    return [str(line), *map(_inert, (contract or "", field, value or "", code, sq, en))]


def _inert(text: str) -> str:
    """A spreadsheet shows it and does not run it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
