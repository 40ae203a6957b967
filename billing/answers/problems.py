"""Why an answer does not count: each problem with its place in the answer, and in words."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SHOWN = 100  # of one answer; the rest is counted


class AnswerProblem(TextChoices):
    ENCODING = "encoding", _("It is not UTF-8. Save it as “CSV UTF-8”.")
    COLUMNS = "columns", _("The first line has to be: entry_reference,result,amount_lek,reason.")
    TRAILER = (
        "trailer",
        _("The last line is no TRAILER: the answer is cut off or has another form."),
    )
    UNKNOWN_FILE = "unknown_file", _("We have issued no file of this name.")
    UNREADABLE = "unreadable", _("The line has not four cells, or its reference is none of ours.")
    RESULT = "result", _("The result is neither accepted nor rejected.")
    AMOUNT = "amount", _("The amount is no whole number of Lek.")
    NO_REASON = "no_reason", _("A rejected line says why, an accepted one does not.")
    UNKNOWN_LINE = "unknown_line", _("The file has no line of this reference.")
    OTHER_AMOUNT = "other_amount", _("The line of the file has another amount.")
    TWICE = "twice", _("The line is answered twice.")
    ANSWERED_BEFORE = "answered_before", _("An earlier answer has answered this line.")
    TOTALS = "totals", _("The totals of the last line are not those of the lines.")


@dataclass(frozen=True)
class FoundProblem:
    """One problem: which, in which line of the answer (0: the whole), and what stands there."""

    problem: AnswerProblem
    line: int = 0
    what: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "problem": self.problem.value, "what": self.what[:100]}


@dataclass(frozen=True)
class ShownProblem:
    """A problem as the page shows it."""

    words: str | Promise
    line: int
    what: str


def shown(problems: list[dict[str, Any]]) -> list[ShownProblem]:
    """Return the stored problems in the language in use."""
    return [ShownProblem(AnswerProblem(p["problem"]).label, p["line"], p["what"]) for p in problems]
