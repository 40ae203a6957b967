"""Read CSV files as people and systems send them, and write a file of the rejected rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TextIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from superfamilja.values import texts

REJECTS_HEADER = ("line", "field", "value", "arsyeja", "reason")

# Why a row was rejected: rejects come back mended with these columns, and nobody reads them.
REASON_COLUMNS = ("arsyeja", "reason")
# The last line of a file says how many rows stand before it; a spreadsheet adds delimiters.
TRAILER = re.compile(rb'"?#rows *[=:] *([0-9]{1,9})"?[\s,;]*')

_LONGEST_CELL = 20  # lines that one quoted cell may span
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class FileRefused(Exception):  # noqa: N818 - it is an answer, not an error
    """The whole file is unusable; `code` is for machines, both languages are for people."""

    def __init__(self, code: str, sq: str, en: str) -> None:
        super().__init__(f"{sq}\n{en}")
        self.code, self.sq, self.en = code, sq, en


@dataclass(frozen=True)
class Header:
    """The first line of a file: its columns in order, and the delimiter.

    `ignored` are the places of columns that are allowed and not read.
    """

    columns: list[str]
    delimiter: str
    ignored: frozenset[int] = frozenset()

    @property
    def kept(self) -> list[str]:
        """The columns that are read."""
        return [name for place, name in enumerate(self.columns) if place not in self.ignored]


def read_header(path: Path, wanted: tuple[str, ...], ignored: tuple[str, ...] = ()) -> Header:
    """Return columns and delimiter. Accept a BOM and semicolons. Raise FileRefused."""
    with path.open("rb") as file:
        line = file.readline(1 << 16)
    if line.startswith(_UTF16):
        raise FileRefused(
            "wrong_encoding",
            "Skedari është në UTF-16. Ruajeni si “CSV UTF-8” dhe provoni përsëri.",
            "The file is in UTF-16. Save it as “CSV UTF-8” and try again.",
        )
    try:
        text = line.removeprefix(_BOM).decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise FileRefused(
            "wrong_encoding",
            "Rreshti i parë nuk është në UTF-8. Ruajeni skedarin si “CSV UTF-8”.",
            "The first line is not UTF-8. Save the file as “CSV UTF-8”.",
        ) from error
    delimiter = ";" if text.count(";") > text.count(",") else ","
    names = next(csv.reader([text], delimiter=delimiter), [])
    columns = [texts.clean_code(name).lower() for name in names]
    places = frozenset(n for n, name in enumerate(columns) if name in ignored)
    header = Header(columns, delimiter, places)
    _require_columns(header.kept, wanted)
    return header


def _require_columns(columns: list[str], wanted: tuple[str, ...]) -> None:
    missing = ", ".join(name for name in wanted if name not in columns)
    if missing:
        raise FileRefused(
            "missing_column",
            f"Mungojnë kolonat: {missing}. Shtojini në rreshtin e parë; asgjë nuk u ngarkua.",
            f"Columns are missing: {missing}. Add them to the first line; nothing was loaded.",
        )
    extra = ", ".join(sorted({n for n in columns if n not in wanted or columns.count(n) > 1}))
    if extra:
        raise FileRefused(
            "unknown_column",
            f"Kolona të panjohura ose të përsëritura: {extra}. Hiqini; asgjë nuk u ngarkua.",
            f"Unknown or repeated columns: {extra}. Remove them; nothing was loaded.",
        )


@dataclass(frozen=True)
class FileRow:
    """A row: its line in the file and its cells by column, or why it is unreadable."""

    line: int
    cells: dict[str, str]
    problem: ValidationError | None = None


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[FileRow]:
    """Yield the rows that hold anything, with cells as texts.clean leaves them.

    The trailer is no row, and the reasons of rejects are not read.

    A bad row is reported and never hides the next one. Raise FileRefused.
    """
    header = read_header(path, columns, REASON_COLUMNS)
    with path.open("rb") as file:
        lines = Lines(file)
        lines.take()
        for number, line in lines:
            if TRAILER.fullmatch(line):
                continue
            row = _read_row(line, lines, header)
            if isinstance(row, ValidationError):
                shown = line.decode("utf-8", "replace").strip()[:80]
                yield FileRow(number, dict.fromkeys(header.kept, "") | {"": shown}, row)
            elif any(row):
                yield FileRow(number, dict(zip(header.kept, row, strict=True)))


class Lines:
    """The numbered physical lines of a file; lines can be put back after a look."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._put_back: list[bytes] = []
        self.number = 0
        self.bytes_read = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while line := self.take():
            yield self.number, line

    def take(self) -> bytes:
        line = self._put_back.pop() if self._put_back else self._file.readline()
        if line:
            self.number += 1
            self.bytes_read += len(line)
        return line

    def put_back(self, lines: list[bytes]) -> None:
        self._put_back.extend(reversed(lines))
        self.number -= len(lines)
        self.bytes_read -= sum(len(line) for line in lines)


def _read_row(line: bytes, lines: Lines, header: Header) -> list[str] | ValidationError:
    whole = whole_record(line, lines)
    if whole is None:
        return ValidationError(_("A quote opens and never closes. Close it or remove it."))
    try:
        text = whole.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return ValidationError(_("The row is not UTF-8. Save the file as “CSV UTF-8”."))
    try:
        record = next(csv.reader([text], delimiter=header.delimiter), [])
    except csv.Error:
        return ValidationError(_("A cell of this row is far too long. Shorten it."))
    cells = [texts.clean(cell) for cell in record]
    if any(cells) and len(cells) != len(header.columns):
        return ValidationError(
            _("The row has %(have)s cells instead of %(want)s. Check its commas and quotes."),
            params={"have": len(cells), "want": len(header.columns)},
        )
    if not header.ignored:
        return cells
    kept = (cell for place, cell in enumerate(cells) if place not in header.ignored)
    return [as_typed(cell) for cell in kept]


def whole_record(line: bytes, lines: Lines) -> bytes | None:
    """Return the line with the lines that its quoted cells span; None for an open quote."""
    following: list[bytes] = []
    quotes = line.count(b'"')
    while quotes % 2 and len(following) < _LONGEST_CELL and (more := lines.take()):
        following.append(more)
        quotes += more.count(b'"')
    if quotes % 2:
        lines.put_back(following)
        return None
    return line + b"".join(following)


def inert(text: str) -> str:
    """Return the text so that a spreadsheet shows it and never runs it.

    Leading blanks hide nothing.
    """
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def as_typed(cell: str) -> str:
    """The text that `inert` was given: a file that people mend and load again keeps its signs."""
    return cell[1:] if cell.startswith("'") and inert(cell[1:]) == cell else cell


def csv_cell(value: object) -> object:
    """Return a number unchanged, so that a column of amounts adds up, and any text made inert.

    The type decides and not the look: typed text stays text, even when it reads as -200.
    """
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return value if is_number else inert(str(value))


def csv_lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a file for a spreadsheet: inert texts, numbers unchanged."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in chain([header], rows):
        writer.writerow(map(csv_cell, row))
        yield line.getvalue()
        line.seek(0)
        line.truncate()


@dataclass(frozen=True)
class ImportOutcome:
    """The outcome of an import: rows new, changed, unchanged and rejected, and the rejects file."""

    figures: Counter[str]
    rejects: Path | None


class RejectsFile:
    """FILE.rejects.csv. Its first row creates it; without rows there is no file.

    With `columns`, FILE.mend.csv has each rejected row as it came, to be mended and loaded again.
    """

    def __init__(
        self,
        path: Path,
        header: tuple[str, ...] = REJECTS_HEADER,
        columns: tuple[str, ...] = (),
    ) -> None:
        self.path = path.with_suffix(".rejects.csv")
        self.path.unlink(missing_ok=True)
        self._columns, self._to_mend = columns, list[list[str]]()
        self._mendable = path.with_suffix(".mend.csv")
        if columns:
            self._mendable.unlink(missing_ok=True)
        self.rows = 0
        self._header = header
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()
        if self._to_mend:
            lines = csv_lines([*self._columns, *REASON_COLUMNS], self._to_mend)
            self._mendable.write_text("".join(lines), encoding="utf-8")

    def reject(self, row: FileRow, problems: dict[str, list[ValidationError]]) -> None:
        """Write a rejected row with each problem of each field, in both languages."""
        self.rows += 1
        told = [(field, *_in_both(error)) for field, errors in problems.items() for error in errors]
        for field, sq, en in told:
            self.write(row.line, field, row.cells.get(field, ""), sq, en)
        if self._columns:
            reasons = [" ".join(dict.fromkeys(words[at] for words in told)) for at in (1, 2)]
            cells = [row.cells.get(name, "") for name in self._columns]
            as_it_came = f" ⟨{row.cells['']}⟩" if row.problem else ""
            self._to_mend.append([*cells, *(reason + as_it_came for reason in reasons)])

    def write(self, line: int, *cells: str) -> None:
        """Write a line's number and text cells, made inert."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file, lineterminator="\n").writerow(self._header)
        csv.writer(self._file, lineterminator="\n").writerow([line, *map(inert, cells)])


def _in_both(error: ValidationError) -> Iterator[str]:
    for language in ("sq", "en"):
        with override(language):
            yield " ".join(error.messages)
