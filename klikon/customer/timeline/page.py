"""Build one page of the history from all its tables.

Each source gives its newest rows before the cursor; they are merged and cut. So the number of
queries is constant, however long the history is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.models import Contract
from klikon.customer.timeline.acts import Acts, Looks
from klikon.customer.timeline.facts import (
    Activations,
    Calls,
    Credits,
    Messages,
    Refusals,
    Requests,
    Reversals,
)
from klikon.customer.timeline.line import (
    ALL,
    CALLS,
    LEADER,
    MESSAGES,
    MONEY,
    STAFF,
    Reader,
    Source,
    TimelineLine,
)
from superfamilja.accounts.staff_request import StaffRequest

PAGE = 20
KINDS: dict[str, str | Promise] = {
    ALL: _("All"),
    MONEY: _("Money"),
    LEADER: _("Mobile Leader"),
    CALLS: _("Calls to 130"),
    MESSAGES: _("SMS messages"),
    STAFF: _("Staff"),
}
# At the same instant, a consequence stands after its cause.
SOURCES: list[Source] = [
    Calls(),
    Looks(),
    Requests(),
    Refusals(),
    Activations(),
    Reversals(),
    Credits(),
    Acts(),
    Messages(),
]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimelinePlace(NamedTuple):
    """A row's place in the history; the later place is shown first."""

    at: datetime
    rank: int  # the source's rank, for events of the same instant
    pk: int


@dataclass(frozen=True)
class TimelinePage:
    """Some lines of the history, and the cursor of the older ones."""

    lines: list[TimelineLine]
    kind: str
    older: str
    is_newest: bool

    @property
    def kinds(self) -> dict[str, str | Promise]:
        return KINDS


def page(request: StaffRequest, contract: Contract) -> TimelinePage:
    """Return the page that the address asks for.

    `show` is a key of KINDS, `before` is the place where the last page ended. Raise Http404 for an
    invalid place.
    """
    kind = request.GET.get("show", ALL)
    before = _read(request.GET["before"]) if "before" in request.GET else None
    if kind not in KINDS:
        raise Http404
    rows = sorted(_rows(request, contract, kind, before), key=lambda row: row[0], reverse=True)
    shown = rows[:PAGE]
    reader = Reader.of(request, contract, [row for _place, _source, row in shown])
    lines = [source.line(row, reader) for _place, source, row in shown]
    older = ""
    if len(rows) > PAGE:
        older = urlencode({"show": kind, "before": _written(shown[-1][0])})
    return TimelinePage(lines, kind, older, is_newest=before is None)


def _rows(
    request: StaffRequest, contract: Contract, kind: str, before: TimelinePlace | None
) -> Iterator[tuple[TimelinePlace, Source, Any]]:
    for rank, source in enumerate(SOURCES):
        if source.needs and not request.user.has_perm(source.needs):
            continue
        rows = source.of_kind(contract, kind)
        if rows is None:
            continue
        if before:
            rows = rows.filter(_earlier(source.at, rank, before))
        for row in rows.order_by(f"-{source.at}", "-pk")[: PAGE + 1]:
            yield TimelinePlace(getattr(row, source.at), rank, row.pk), source, row


def _earlier(at: str, rank: int, before: TimelinePlace) -> Q:
    """Return the source's rows before that place."""
    if rank > before.rank:
        return Q(**{f"{at}__lt": before.at})
    if rank < before.rank:
        return Q(**{f"{at}__lte": before.at})
    same = Q(**{at: before.at}, pk__lt=before.pk)
    return Q(**{f"{at}__lt": before.at}) | same


def _written(place: TimelinePlace) -> str:
    microseconds = (place.at - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds}-{place.rank}-{place.pk}"


def _read(text: str) -> TimelinePlace:
    try:
        microseconds, rank, pk = (int(part) for part in text.split("-"))
        return TimelinePlace(_EPOCH + timedelta(microseconds=microseconds), rank, pk)
    except (ValueError, OverflowError):
        raise Http404 from None
