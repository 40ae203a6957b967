"""FILE.rejects.csv: every row that was not imported, why, and what to do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from groups.base_import.words import WORDS
from superfamilja.data.csv_files import RejectsFile

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
