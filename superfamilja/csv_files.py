"""CSV files as people and systems send them, and the file that says which rows were not taken."""

import csv
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class FileRefused(Exception):  # noqa: N818 - it is an answer, not an error
    """The whole file cannot be used; `code` for machines, both languages for people."""

    def __init__(self, code: str, sq: str, en: str) -> None:
        super().__init__(f"{sq}\n{en}")
        self.code, self.sq, self.en = code, sq, en


@dataclass(frozen=True)
class Header:
    """What the first line says: the columns in their order, and what parts the cells."""

    columns: list[str]
    delimiter: str


def read_header(path: Path, wanted: tuple[str, ...]) -> Header:
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
    _require_columns(columns, wanted)
    return Header(columns, delimiter)


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


def inert(text: str) -> str:
    """The same text, which a spreadsheet shows and does not run."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class RejectsFile:
    """FILE.rejects.csv: comes into being with its first row; none leaves no file."""

    def __init__(self, path: Path, header: tuple[str, ...]) -> None:
        self.path = path.with_suffix(".rejects.csv")
        self.path.unlink(missing_ok=True)
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

    def write(self, line: int, *cells: str) -> None:
        """One row that was not taken: its line in the file, then text cells, made inert."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file, lineterminator="\n").writerow(self._header)
        csv.writer(self._file, lineterminator="\n").writerow([line, *map(inert, cells)])
