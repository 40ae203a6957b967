"""The charging system's list of the last days beside our orders, by the rule of `books` (R36)."""

import json
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import connection

from billing.models import Charge, Discrepancy
from billing.reconciliation.kinds import SilentBookError
from klikon.comparison import books
from klikon.comparison.books import OurOrder
from klikon.models import Activation
from klikon.provisioning.line import listing
from klikon.provisioning.line.listing import TheirOrder, TheirOrders
from klikon.provisioning.models import Order

WINDOW = timedelta(days=3)
# What was accepted shortly before the list was made may have been delivered after it.
MOVING = timedelta(minutes=10)
APART = "SELECT kind, key, moment, ours, theirs, links FROM orders_apart"
_TABLE = """
DROP TABLE IF EXISTS orders_apart;
CREATE TEMP TABLE orders_apart (kind text, key text, moment timestamptz, ours jsonb, theirs jsonb,
                                links jsonb) ON COMMIT DROP
"""


class TheirDays:
    """What they told, and the days that were asked for."""

    def __init__(self, told: TheirOrders, since: datetime, until: datetime) -> None:
        self.told, self.until = told, until
        self.since = max(since, told.kept_since or since)


def fetch(at: datetime) -> TheirDays:
    """Ask for the list of the last days, and as far back as a difference stands open.

    Raises SilentBookError.
    """
    open_ones = Discrepancy.objects.standing().filter(kind__startswith="list_")
    oldest = open_ones.order_by("moment").values_list("moment", flat=True).first()
    since = min(at - WINDOW, (oldest or at) - books.CLOCKS)
    try:
        return TheirDays(listing.orders_since(since), since, at - MOVING)
    except listing.ListBrokenError as error:
        raise SilentBookError(str(error)) from error


def load(told: object) -> datetime:
    """Put what differs where the comparison finds it; return since when the list counts."""
    days = cast(TheirDays, told)
    theirs = days.told.orders
    ours = books.our_orders(days.since, list(theirs))
    rows = list(_apart(days, theirs, ours))
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.executemany("INSERT INTO orders_apart VALUES (%s, %s, %s, %s, %s, %s)", rows)
    return days.since


def _apart(
    days: TheirDays, theirs: dict[str, TheirOrder], ours: dict[str, OurOrder]
) -> list[tuple[Any, ...]]:
    found: list[tuple[str, str, datetime, TheirOrder | None, OurOrder | None]] = []
    # What was settled after the list was made is in its next one.
    missing = [reference for reference in ours if reference not in theirs]
    settled = Charge.objects.filter(reference__in=missing, outcome_at__gt=days.until)
    too_new = set(settled.values_list("reference", flat=True))
    too_new |= {reference for reference in missing if ours[reference].accepted_at > days.until}
    for reference in sorted((theirs.keys() | ours.keys()) - too_new):
        their, our = theirs.get(reference), ours.get(reference)
        kind = books.difference(their, our)
        if kind is None:
            continue
        moment = their.taken_at if their else our.accepted_at if our else days.since
        found.append((kind.value, reference, moment, their, our))
    links = _links([reference for _kind, reference, *_rest in found])
    return [
        (
            f"list_{kind}",
            reference,
            moment,
            json.dumps(_evidence(our.msisdn, our.package, our.state) if our else {}),
            json.dumps(_evidence(their.msisdn, their.package, their.state) if their else {}),
            json.dumps(links.get(reference, {})),
        )
        for kind, reference, moment, their, our in found
    ]


def _evidence(msisdn: str, package: str, state: str) -> dict[str, str]:
    """The number stands masked: whoever needs it whole opens the order."""
    return {"number": f"***{msisdn[-3:]}", "package": package, "state": state}


def _links(references: list[str]) -> dict[str, dict[str, int]]:
    known = Activation.objects.filter(reference__in=references)
    found = Order.objects.filter(activation_id__in=references)
    orders = {order.reference: order.pk for order in found}
    return {
        reference: {"charge": charge, "contract": contract, "order": orders[reference]}
        for reference, charge, contract in known.values_list("reference", "charge", "contract")
        if reference in orders
    }
