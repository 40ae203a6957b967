"""Compare our orders with the charging system's own list, while the database stands still (R36)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from klikon.comparison import ending
from klikon.comparison.models import ComparedOrder, Comparison, Difference
from klikon.models import Activation
from klikon.provisioning.answers import Word
from klikon.provisioning.line import listing
from klikon.provisioning.line.listing import TheirOrder
from klikon.provisioning.models import Order, OrderState
from superfamilja.audit import acts
from superfamilja.data.database import required
from superfamilja.epoch.models import Halt, Mark

# A margin before our last record, because clocks differ and an order may have waited.
MARGIN = timedelta(days=1)
CLOCKS = timedelta(hours=1)
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class OurOrder:
    """An order as our database has it."""

    reference: str
    msisdn: str
    package: str
    state: str
    accepted_at: datetime

    def as_json(self) -> dict[str, str]:
        return {
            "msisdn": self.msisdn,
            "package": self.package,
            "state": self.state,
            "accepted_at": self.accepted_at.isoformat(),
        }


def anything_was_sold() -> bool:
    """Return whether this database was in use; the epoch asks it through a setting."""
    return Activation.objects.exists()


def compare(at: datetime) -> Comparison:
    """Read the whole list, and record each order on which the two do not agree.

    A repetition adds new lines and changes no old one. Raises NotHalted, ListBrokenError.
    """
    halt = ending.open_halt()
    if halt is None:
        raise ending.NotHalted
    since = since_when()
    told = listing.orders_since(since)  # outside of any transaction
    theirs = told.orders
    with transaction.atomic():
        halt = ending.lock_halt()
        ours = our_orders(max(since, told.kept_since or since), list(theirs))
        made = Comparison.objects.create(
            halt=halt, since=since, made_at=at, theirs=len(theirs), ours=len(ours)
        )
        _write_lines(halt, made, theirs, ours)
        acts.record(
            "compare_books",
            actor=None,
            at=at,
            since=since.isoformat(),
            theirs=len(theirs),
            ours=len(ours),
            lines=made.lines.count(),
        )
    return made


def since_when() -> datetime:
    """Return the moment from which to ask the charging system.

    It is a margin before our last order, or before our last mark if that is older, because an order
    may carry the time of a clock that was ahead.
    """
    last: datetime | None = Activation.objects.aggregate(last=Max("accepted_at"))["last"]
    if last is None:
        return _BEGINNING
    marked = Mark.objects.order_by("-pk").values_list("written_at", flat=True).first()
    return max(min(last, marked or last) - MARGIN, _BEGINNING)


def difference(their: TheirOrder | None, our: OurOrder | None) -> Difference | None:
    """Return how the two differ on a reference; None when they agree or the order is on its way."""
    if their is None:
        delivered = our is not None and our.state == OrderState.DONE
        return Difference.MISSING_THERE if delivered else None
    if our is None:
        return Difference.MISSING_HERE
    if (their.msisdn, their.package) != (our.msisdn, our.package):
        return Difference.CONTENT
    against = {(Word.DONE, OrderState.FAILED), (Word.FAILED, OrderState.DONE)}
    return Difference.OUTCOME if (their.state, our.state) in against else None


def our_orders(since: datetime, references: list[str]) -> dict[str, OurOrder]:
    """Return our orders that the list names, and those of its time that it should name."""
    orders = Order.objects.select_related("activation__member")
    rows: list[Order] = []
    for start in range(0, len(references), 5000):
        rows += orders.filter(activation_id__in=references[start : start + 5000])
    rows += orders.filter(activation__accepted_at__gte=since + CLOCKS)
    return {row.reference: _ours(row) for row in rows}


def _ours(row: Order) -> OurOrder:
    activation = row.activation
    return OurOrder(
        row.reference,
        activation.member.msisdn,
        activation.package_code,
        row.state,
        activation.accepted_at,
    )


def _write_lines(
    halt: Halt, made: Comparison, theirs: dict[str, TheirOrder], ours: dict[str, OurOrder]
) -> None:
    known = set(halt.lines.values_list("reference", flat=True))
    lines = []
    for reference in sorted((theirs.keys() | ours.keys()) - known):
        their, our = theirs.get(reference), ours.get(reference)
        if found := difference(their, our):
            lines.append(
                ComparedOrder(
                    halt=halt,
                    comparison=made,
                    reference=reference,
                    difference=found,
                    ours=our.as_json() if our else {},
                    **_said(their, our),
                )
            )
    ComparedOrder.objects.bulk_create(lines, batch_size=1000)


def _said(their: TheirOrder | None, our: OurOrder | None) -> dict[str, Any]:
    """Return their words about the order; without any, return ours."""
    if their is None:
        our = required(our)  # a line has at least one side
        return {"msisdn": our.msisdn, "package_code": our.package}
    return {
        "msisdn": their.msisdn,
        "package_code": their.package,
        "state": their.state,
        "code": their.code,
        "taken_at": their.taken_at,
        "ordered_at": their.ordered_at,
    }
