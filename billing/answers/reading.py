"""An answer's bytes, read line by line; what is wrong in them is named and never raised.

    entry_reference,result,amount_lek,reason
    K2610-7QX-4PW-R2AR,accepted,1500,
    K2610-9CD-2FH-J4K7,rejected,800,unknown contract
    TRAILER,klikon-2026-10-0a1b2c3d4e5f.csv,1,1500,1,800

UTF-8, commas or semicolons. The last line names our file, then counts and adds up what was accepted
and what was rejected, in whole Lek. An answer may leave lines out; another one brings them.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from billing.answers.problems import SHOWN, AnswerProblem, FoundProblem
from billing.models import LineResult
from superfamilja.values import texts
from superfamilja.values.random_keys import number_of

COLUMNS = ["entry_reference", "result", "amount_lek", "reason"]
TRAILER = "TRAILER"
LONGEST_REASON = 300
_REFERENCE = re.compile(r"K(\d{4})-([0-9A-Z-]{1,20})")
_LEK = re.compile(r"-?\d{1,9}")
_SUM = re.compile(r"-?\d{1,15}")  # a month of a million contracts has ten digits
_COUNT = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class ReadLine:
    """One line of the answer. Lek with its sign."""

    number: int
    entry_id: int
    result: str
    amount_lek: int
    reason: str


@dataclass
class Totals:
    """Lines and Lek that were accepted and rejected."""

    accepted: int = 0
    accepted_lek: int = 0
    rejected: int = 0
    rejected_lek: int = 0


@dataclass
class ReadAnswer:
    """What the answer says; its lines come while it is read, the rest is there at the end."""

    file_name: str = ""
    said: Totals | None = None
    counted: Totals = field(default_factory=Totals)
    found: list[FoundProblem] = field(default_factory=list)  # the first of them
    number_found: int = 0
    period: str = ""  # of our file's references: 2610

    def lines(self, content: bytes) -> Iterator[ReadLine]:
        """Read it, and give each line that can be read."""
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            self._no(AnswerProblem.ENCODING)
            return
        first, _, rest = text.partition("\n")
        delimiter = ";" if first.count(";") > first.count(",") else ","
        if [cell.strip().lower() for cell in first.strip().split(delimiter)] != COLUMNS:
            self._no(AnswerProblem.COLUMNS, 1, first)
            return
        try:
            yield from self._rows(csv.reader(io.StringIO(rest), delimiter=delimiter))
        except csv.Error:  # a quote that never closes has swallowed the rest
            self.said = None
        if self.said is None:
            self._no(AnswerProblem.TRAILER)
        elif self.said != self.counted and not self.found:
            self._no(AnswerProblem.TOTALS, what=_in_figures(self.counted))

    def _rows(self, rows: Iterator[list[str]]) -> Iterator[ReadLine]:
        for number, row in enumerate(rows, start=2):
            cells = [texts.clean(cell) for cell in row]
            if not any(cells):
                continue
            if self.said is not None:  # something stands behind the trailer
                self.said = None
                return
            if cells[0] == TRAILER:
                self._trailer(cells, number)
            elif line := self._line(cells, number):
                yield line

    def _line(self, cells: list[str], number: int) -> ReadLine | None:
        if problem := _problem(cells):
            self._no(problem, number, ",".join(cells))
            return None
        period, entry_id = _key(cells[0]) or ("", 0)
        amount = int(cells[2])
        self._count(cells[1].lower(), amount)
        self.period = self.period or period
        if period != self.period:
            self._no(AnswerProblem.UNKNOWN_LINE, number, cells[0])
            return None
        return ReadLine(number, entry_id, cells[1].lower(), amount, cells[3][:LONGEST_REASON])

    def _count(self, result: str, amount_lek: int) -> None:
        if result == LineResult.ACCEPTED:
            self.counted.accepted += 1
            self.counted.accepted_lek += amount_lek
        else:
            self.counted.rejected += 1
            self.counted.rejected_lek += amount_lek

    def _trailer(self, cells: list[str], number: int) -> None:
        """Ended by it; what follows makes it none."""
        shapes = (_COUNT, _SUM, _COUNT, _SUM)
        figures = cells[2:]
        if len(figures) != 4 or not all(map(re.Pattern.fullmatch, shapes, figures)):
            self._no(AnswerProblem.TRAILER, number, ",".join(cells))
            self.said = Totals()
            return
        self.file_name, self.said = cells[1], Totals(*map(int, figures))

    def _no(self, problem: AnswerProblem, line: int = 0, what: str = "") -> None:
        self.number_found += 1
        if len(self.found) < SHOWN:
            self.found.append(FoundProblem(problem, line, what))


def _problem(cells: list[str]) -> AnswerProblem | None:
    """What is wrong with a line by itself."""
    if len(cells) != len(COLUMNS) or _key(cells[0]) is None:
        return AnswerProblem.UNREADABLE
    result = cells[1].lower()
    if result not in LineResult.values:
        return AnswerProblem.RESULT
    if not _LEK.fullmatch(cells[2]):
        return AnswerProblem.AMOUNT
    if (result == LineResult.REJECTED) != bool(cells[3]):
        return AnswerProblem.NO_REASON
    return None


def _key(reference: str) -> tuple[str, int] | None:
    """Period and id of an entry's reference, however its dashes stand; None: it is none."""
    match = _REFERENCE.fullmatch(reference.upper())
    if match is None:
        return None
    try:
        return match[1], number_of(match[2])
    except ValueError:
        return None


def _in_figures(totals: Totals) -> str:
    return ",".join(str(figure) for figure in vars(totals).values())
