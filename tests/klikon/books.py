"""The books of a small world, compared as the worker compares them, with differences planted."""

from datetime import datetime

import pytest
from django.db import connection

from billing.models import Discrepancy, Reconciliation
from billing.reconciliation import comparing
from klikon.activation.activate import activate
from klikon.demonstration.world import past
from klikon.models import Activation, Channel
from klikon.provisioning.line import listing
from klikon.provisioning.line.listing import TheirOrder, TheirOrders
from klikon.provisioning.models import Order
from tests.factories import at, family_with_leader

NOW = at("2026-11-06 09:00")
GUARDED = (
    "klikon_activation",
    "provisioning_order",
    "provisioning_orderevent",
    "billing_charge",
    "billing_billentry",
    "billing_reversal",
    "billing_answeredline",
)


def spoil(sql: str) -> None:
    """What no verb would do: with the tables' own guards off, and on again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def activated(package: str = "S700") -> Activation:
    group, leader = family_with_leader()
    return activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package=package,
        at=at("2026-11-05 14:05"),
        channel=Channel.IVR,
        client="books",
        key=f"{group.pk}{package}",
    )


def ended(how: str = "done") -> Activation:
    """An activation of yesterday whose order is done, failed or unknown."""
    activation = activated()
    past.ends(activation, how)
    return activation


def their_list(changed: dict[str, TheirOrder | None] | None = None) -> TheirOrders:
    """The charging system's list: our orders as they were delivered, but for what is changed."""
    orders = {
        order.reference: TheirOrder(
            order.reference,
            order.activation.member.msisdn,
            order.activation.package_code,
            {"done": "done", "failed": "failed"}.get(order.state, "pending"),
            "",
            order.ordered_at,
            order.ordered_at,
        )
        for order in Order.objects.select_related("activation__member")
    }
    for reference, their in (changed or {}).items():
        if their is None:
            orders.pop(reference)
        else:
            orders[reference] = their
    return TheirOrders(orders, None)


def give_list(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, TheirOrder | None] | None = None
) -> None:
    """From now on the charging system gives this list, whenever it is asked."""

    def orders_since(_since: datetime) -> TheirOrders:
        return their_list(changed)

    monkeypatch.setattr(listing, "orders_since", orders_since)


def compare(moment: datetime = NOW) -> Reconciliation:
    """Ask for a comparison and carry it out."""
    comparing.ask(at=moment, actor=None)
    done = comparing.carry_out_next(moment)
    assert done is not None
    return done


def standing() -> list[str]:
    """The kinds that are open, one for each difference."""
    return sorted(Discrepancy.objects.standing().values_list("kind", flat=True))
