"""Read the subscriber file as a stream, and report unreadable rows by their line.

Memory use is constant, because each line goes straight on to COPY. A simple line (no quotes, no
stray spaces, the right number of cells) passes unchanged; the others go through the csv module.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from superfamilja.data.csv_files import Header, Lines, whole_record
from superfamilja.values import texts

_CHUNK = 1 << 18
_TEXTS = ("owner_name", "service_address", "member_name")  # the other columns are numbers and codes
# Bytes of ASCII's letters and of À to ÿ, whose first byte is C3. The normaliser changes nothing in
# them but double spaces. All other bytes go through it.
_FINE = bytes([*range(0x20, 0x7F), *range(0x80, 0xC0), 0xC3])


def sha256_of(path: Path) -> str:
    """Return the file's fingerprint, which identifies an unfinished run of the same file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        self._texts = {n for n, name in enumerate(header.columns) if name in _TEXTS}
        self._contract_at = header.columns.index("contract_number")
        self._commas = self._cells - 1 if header.delimiter == "," else -1

    def record(self, number: int, line: bytes, lines: Lines) -> bytes:
        """Return one row for COPY, whatever the line holds; nothing for an empty line."""
        plain = line.rstrip(b"\r\n")
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
        return _row([str(number), "", "", *cells])

    def _cleaned(self, at: int, cell: str) -> str:
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
        return _row([str(number), code, value or text[:80], *row])


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
