"""Read the subscriber file as a stream: what cannot be read at all is named by its line.

Memory stays flat: a line at a time goes on to COPY. A line that needs no care (no quotes, no
stray spaces, the right number of cells) is passed on as it is; the others go through the csv
module.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from groups.base_import.columns import COLUMNS

_CHUNK = 1 << 18
_LONGEST_CELL = 20  # lines that one quoted cell may span
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


class FileRefused(Exception):  # noqa: N818 - it is an answer, not an error
    """The whole file cannot be used; `code` for machines, both languages for people."""

    def __init__(self, code: str, sq: str, en: str) -> None:
        super().__init__(f"{sq} / {en}")
        self.code, self.sq, self.en = code, sq, en


@dataclass(frozen=True)
class Header:
    """What the first line says: the columns in their order, and what parts the cells."""

    columns: list[str]
    delimiter: str


def sha256_of(path: Path) -> str:
    """The file's fingerprint, by which a broken run is found again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_header(path: Path) -> Header:
    """Columns and delimiter. A BOM and semicolons are accepted. Raises FileRefused."""
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
    columns = [name.strip().lower() for name in next(csv.reader([text], delimiter=delimiter), [])]
    _require_columns(columns)
    return Header(columns, delimiter)


def _require_columns(columns: list[str]) -> None:
    missing = ", ".join(name for name in COLUMNS if name not in columns)
    if missing:
        raise FileRefused(
            "missing_column",
            f"Mungojnë kolonat: {missing}. Shtojini në rreshtin e parë; asgjë nuk u ngarkua.",
            f"Columns are missing: {missing}. Add them to the first line; nothing was loaded.",
        )
    extra = ", ".join(sorted({n for n in columns if n not in COLUMNS or columns.count(n) > 1}))
    if extra:
        raise FileRefused(
            "unknown_column",
            f"Kolona të panjohura ose të përsëritura: {extra}. Hiqini; asgjë nuk u ngarkua.",
            f"Unknown or repeated columns: {extra}. Remove them; nothing was loaded.",
        )


def copy_chunks(path: Path, header: Header) -> Iterator[tuple[bytes, int, int]]:
    """CSV for COPY of `line, problem, problem_value` and the file's columns, in pieces.

    Yields (bytes, the last line's number, bytes read of the file).
    """
    with path.open("rb") as file:
        lines = _Lines(file, len(file.readline()))
        reader = _Reader(header)
        buffer: list[bytes] = []
        size = 0
        for number, line in lines:
            piece = reader.record(number, line, lines)
            if piece:
                buffer.append(piece)
                size += len(piece)
            if size > _CHUNK:
                yield b"".join(buffer), lines.number, lines.bytes_read
                buffer, size = [], 0
        yield b"".join(buffer), lines.number, lines.bytes_read


class _Lines:
    """Numbered physical lines; lines that were looked at can be put back."""

    def __init__(self, file: BinaryIO, bytes_read: int) -> None:
        self._file = file
        self._put_back: list[bytes] = []
        self.number = 1
        self.bytes_read = bytes_read

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while line := self.next_line():
            yield self.number, line

    def next_line(self) -> bytes:
        line = self._put_back.pop() if self._put_back else self._file.readline()
        if line:
            self.number += 1
            self.bytes_read += len(line)
        return line

    def put_back(self, lines: list[bytes]) -> None:
        self._put_back.extend(reversed(lines))
        self.number -= len(lines)
        self.bytes_read -= sum(len(line) for line in lines)


class _Reader:
    def __init__(self, header: Header) -> None:
        self._delimiter = header.delimiter
        self._cells = len(header.columns)
        self._contract_at = header.columns.index("contract_number")
        self._commas = self._cells - 1 if header.delimiter == "," else -1

    def record(self, number: int, line: bytes, lines: _Lines) -> bytes:
        """One row for COPY, whatever the line holds; nothing for an empty line."""
        plain = line.rstrip(b"\r\n")
        if self._goes_as_it_is(plain):
            return b"%d,,,%b\n" % (number, plain)
        if not plain.strip():
            return b""
        return self._with_care(number, line, lines)

    def _goes_as_it_is(self, line: bytes) -> bool:
        """Nothing to trim, to count again or to doubt. One quoted cell, the address, is usual."""
        outside = line
        if b'"' in line:
            pieces = line.split(b'"')
            if len(pieces) != 3 or pieces[1].strip() != pieces[1]:
                return False
            if not (pieces[0].endswith(b",") and pieces[2].startswith(b",")):
                return False
            outside = pieces[0] + pieces[2]
        return (
            outside.count(b",") == self._commas
            and b" ," not in outside
            and b", " not in outside
            and _clean(line)
        )

    def _with_care(self, number: int, line: bytes, lines: _Lines) -> bytes:
        whole = _whole_record(line, lines)
        if whole is None:
            return self._problem(number, "unclosed_quote", line)
        try:
            text = whole.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            return self._problem(number, "wrong_encoding", whole)
        if "\0" in text:
            return self._problem(number, "wrong_encoding", whole)
        cells = [cell.strip() for cell in self._parse(text)]
        if not any(cells):
            return b""
        if len(cells) != self._cells:
            return self._problem(number, "wrong_number_of_cells", whole, str(len(cells)))
        return _row([str(number), "", "", *cells])

    def _parse(self, text: str) -> list[str]:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        return next(records, [])

    def _problem(self, number: int, code: str, line: bytes, value: str = "") -> bytes:
        """The row is bad as a whole; its contract, if it can be seen, is left out with it."""
        text = line.decode("utf-8", "replace").replace("\0", "").replace("\r", "").split("\n")[0]
        cells = self._parse(text.replace('"', "") if code == "unclosed_quote" else text)
        row = [""] * self._cells
        if self._contract_at < len(cells):
            row[self._contract_at] = cells[self._contract_at].strip()[:40]
        return _row([str(number), code, value or text[:80], *row])


def _clean(line: bytes) -> bool:
    if not line.isascii():
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return b"\0" not in line and b"\r" not in line


def _whole_record(line: bytes, lines: _Lines) -> bytes | None:
    """The line with those that its quoted cells run into; None when a quote never closes."""
    if line.count(b'"') % 2 == 0:
        return line
    following: list[bytes] = []
    quotes = line.count(b'"')
    while quotes % 2 and len(following) < _LONGEST_CELL and (more := lines.next_line()):
        following.append(more)
        quotes += more.count(b'"')
    if quotes % 2 == 0:
        return line + b"".join(following)
    lines.put_back(following)
    return None


def _row(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()
