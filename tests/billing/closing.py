"""Close and approve a month for tests, by the two people that it needs."""

from datetime import date, datetime, time

from django.db import connection

from billing import outcomes
from billing.models import BillMonth, Charge
from billing.month.closing import Closed, approve_month, close_month
from superfamilja.accounts.models import User
from superfamilja.values.months import next_month
from tests.factories import TIRANE, at, charge


def reviewer(username: str = "closes") -> User:
    return User.objects.get_or_create(username=username, defaults={"is_staff": True})[0]


def first_minute_after(month: date) -> datetime:
    return datetime.combine(next_month(month), time(9), TIRANE)


def close(month: str, by: User | None = None) -> Closed:
    """Close 2026-11 on the first morning of December."""
    first = date.fromisoformat(f"{month}-01")
    return close_month(month=first, at=first_minute_after(first), actor=by or reviewer())


def approve(month: str, by: User | None = None) -> BillMonth:
    first = date.fromisoformat(f"{month}-01")
    return approve_month(
        month=first, at=first_minute_after(first), actor=by or reviewer("approves")
    )


def settled(contract: object, amount_lek: int, moment: str = "2026-11-05 14:05") -> Charge:
    posted = charge(contract, amount_lek, moment)  # type: ignore[arg-type]
    return outcomes.settle(reference=posted.reference, at=at(moment))


def spoil(contract: object, spent: int) -> None:
    """Make an entry disagree with its lines, as no verb would leave it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_billentry SET spent = %s WHERE contract_id = %s",
            [spent, contract.pk],  # type: ignore[attr-defined]
        )
