"""A month closed and approved for tests, by the two people that it takes."""

from datetime import date, datetime, time

from billing.closing import Closed, approve_month, close_month
from billing.models import BillMonth
from superfamilja.accounts.models import User
from superfamilja.months import next_month
from tests.factories import TIRANE


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
