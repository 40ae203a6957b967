"""Read the subscriber file as a stream, and report unreadable rows by their line.

Memory use is constant, because each line goes straight on to COPY. A simple line (no quotes, no
stray spaces, the right number of cells) passes unchanged; the others go through the csv module.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from groups.base_import.columns import NAME_COLUMNS
from superfamilja.data.csv_files import (
    TRAILER,
    FileRefused,
    Header,
    Lines,
    as_typed,
    whole_record,
)
from superfamilja.values import texts

_CHUNK = 1 << 18
_TRAILER_BEGINS = (b"#rows", b'"#rows')
_LONGEST_TRAILER = 4096
# Bytes of ASCII's letters and of À to ÿ, whose first one is C3: the normaliser has nothing to do
# with them, double spaces aside. Anything else goes through it.
_FINE = bytes([*range(0x20, 0x7F), *range(0x80, 0xC0), 0xC3])


def sha256_of(path: Path) -> str:
    """Return the file's fingerprint, which identifies an unfinished run of the same file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rows_said(path: Path) -> int | None:
    """How many rows the file's trailer says it has (`#rows=120`); None without a trailer."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _LONGEST_TRAILER, 0))
        last = file.read().rstrip().rpartition(b"\n")[2]
    said = TRAILER.fullmatch(last)
    return int(said[1]) if said else None


def require_rows(have: int, said: int | None, trailer: int | None) -> None:
    """Raise FileRefused when the file has other rows than it says, by its trailer or by whoever
    sent it: it was cut off on its way, or put together of two."""
    for number in (said, trailer):
        if number is not None and number != have:
            raise FileRefused(
                "truncated",
                f"Skedari duhet të ketë {number} rreshta dhe ka {have}: nuk është i plotë. "
                "Merreni edhe një herë nga CRM-ja; asgjë nuk u ngarkua.",
                f"The file should have {number} rows and has {have}: it is not whole. "
                "Fetch it from the CRM again; nothing was loaded.",
            )


def copy_chunks(path: Path, header: Header) -> Iterator[tuple[bytes, int, int]]:
    """Yield CSV for COPY of `line, problem, problem_value` and the file's columns, in pieces.

    Each piece is (bytes, the last line's number, bytes read of the file).
    """
    with path.open("rb") as file:
        lines = Lines(file)
        lines.take()
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


class _Reader:
    def __init__(self, header: Header) -> None:
        self._delimiter = header.delimiter
        self._cells = len(header.columns)
        self._ignored = header.ignored
        self._texts = {n for n, name in enumerate(header.columns) if name in NAME_COLUMNS}
        self._contract_at = header.columns.index("contract_number")
        as_it_is = header.delimiter == "," and not header.ignored
        self._commas = self._cells - 1 if as_it_is else -1

    def record(self, number: int, line: bytes, lines: Lines) -> bytes:
        """Return one row for COPY, whatever the line holds; nothing for an empty line."""
        plain = line.rstrip(b"\r\n")
        if plain.startswith(_TRAILER_BEGINS) and TRAILER.fullmatch(plain):
            return b""
        if self._goes_as_it_is(plain):
            return b"%d,,,%b\n" % (number, plain)
        if not plain.strip():
            return b""
        return self._with_care(number, line, lines)

    def _goes_as_it_is(self, line: bytes) -> bool:
        """Return whether the line needs no trimming, counting or check.

        One quoted cell is usual: the address.
        """
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
            and not line.startswith(b" ")
            and not line.endswith(b" ")
            and b" ," not in outside
            and b", " not in outside
            and b"  " not in line
            and not line.translate(None, _FINE)
            and _is_utf8(line)
        )

    def _with_care(self, number: int, line: bytes, lines: Lines) -> bytes:
        whole = whole_record(line, lines)
        if whole is None:
            return self._problem(number, "unclosed_quote", line)
        try:
            text = whole.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            return self._problem(number, "wrong_encoding", whole)
        if "\0" in text:
            return self._problem(number, "wrong_encoding", whole)
        cells = [self._cleaned(at, cell) for at, cell in enumerate(self._parse(text))]
        if not any(cells):
            return b""
        if len(cells) != self._cells:
            return self._problem(number, "wrong_number_of_cells", whole, str(len(cells)))
        return _row([str(number), "", "", *self._kept(cells)])

    def _kept(self, cells: list[str]) -> list[str]:
        """Without what says why the row was rejected before."""
        return [cell for at, cell in enumerate(cells) if at not in self._ignored]

    def _cleaned(self, at: int, cell: str) -> str:
        if self._ignored:
            cell = as_typed(cell)
        return texts.clean(cell) if at in self._texts else texts.clean_code(cell)

    def _parse(self, text: str) -> list[str]:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        return next(records, [])

    def _problem(self, number: int, code: str, line: bytes, value: str = "") -> bytes:
        """Return the row as bad as a whole; its contract, if readable, is left out with it."""
        text = line.decode("utf-8", "replace").replace("\0", "").replace("\r", "").split("\n")[0]
        cells = self._parse(text.replace('"', "") if code == "unclosed_quote" else text)
        row = [""] * self._cells
        if self._contract_at < len(cells):
            row[self._contract_at] = texts.clean_code(cells[self._contract_at])[:40]
        return _row([str(number), code, value or text[:80], *self._kept(row)])


def _is_utf8(line: bytes) -> bool:
    if not line.isascii():
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return True


def _row(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()
