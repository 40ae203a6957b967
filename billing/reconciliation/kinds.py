"""What is compared with what. Each app registers its own comparisons, from AppConfig.ready.

A comparison is one statement over whole tables. It gives a row for each difference:
kind, key, moment, ours, theirs, links; the last three as JSON objects.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise

DAY = timedelta(days=1)


class SilentBookError(RuntimeError):
    """The other side gave no list; the message says why. Nothing is concluded from it."""


@dataclass(frozen=True)
class WayOut:
    """A button: the page of an act, the link of the difference whose row it is about, its words."""

    page: str
    link: str
    words: str | Promise
    permission: str


@dataclass(frozen=True)
class DiscrepancyKind:
    """One kind of difference: in words, what to do, when it is red, and its ways out.

    `red_after` is its age; until then it is amber.
    """

    code: str
    words: str | Promise
    to_do: str | Promise
    red_after: timedelta = timedelta(0)
    ways: tuple[WayOut, ...] = ()


@dataclass(frozen=True)
class BookComparison:
    """Two books, compared by one statement.

    `fetch` asks the other side, outside of any transaction, and may raise SilentBookError; `load`
    puts what it said where the statement finds it, and returns since when that book counts.
    """

    code: str
    kinds: tuple[DiscrepancyKind, ...]
    sql: str
    fetch: Callable[[datetime], object] | None = None
    load: Callable[[object], datetime] | None = None


COMPARISONS: dict[str, BookComparison] = {}
KINDS: dict[str, DiscrepancyKind] = {}


def register(comparisons: Iterable[BookComparison]) -> None:
    """Take an app's comparisons. Raises ValueError for a kind that another one has."""
    for comparison in comparisons:
        COMPARISONS[comparison.code] = comparison
        for kind in comparison.kinds:
            if KINDS.setdefault(kind.code, kind) is not kind:
                raise ValueError(f"{kind.code} is a kind already.")
