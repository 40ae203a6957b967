"""The month of the house: a calendar month in Europe/Tirane, kept as its first day (R11)."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

TIRANE = ZoneInfo("Europe/Tirane")


def local_date(at: datetime) -> date:
    """The date in Tirana at that moment. Raises ValueError for a time without its zone."""
    if at.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return at.astimezone(TIRANE).date()


def month_of(at: datetime) -> date:
    """First day of the month that the moment belongs to (R11: of acceptance)."""
    return local_date(at).replace(day=1)


def next_month(month: date) -> date:
    """First day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def bill_month(month: date) -> date:
    """The month of the fixed bill on which that month of Klik-ON comes (R14). Pages, SMS, papers
    and 130 all say it by this: “the bill of 12/2026” has what was spent in 11/2026.
    """
    return next_month(month)


def month_before(month: date) -> date:
    """First day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def parse_month(text: str) -> date:
    """2026-10 → 1 October 2026. Raises ValueError with what to write."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text.strip())
    if not match:
        raise ValueError(f"“{text}” is not a month; write it as 2026-10.")
    return date(int(match[1]), int(match[2]), 1)


def month_number(month: date) -> int:
    """The month as one number, for addresses: 202610."""
    return month.year * 100 + month.month


def numbered_month(number: int) -> date:
    """202610 → 1 October 2026. Raises ValueError when it is none."""
    return date(number // 100, number % 100, 1)


def month_label(month: date) -> str:
    """As it is printed on the bill: 10/2026."""
    return f"{month:%m/%Y}"


def bill_label(label: str) -> str:
    """The same for a month that is kept as printed: «11/2026» → «12/2026». Raises ValueError."""
    month, _slash, year = label.partition("/")
    return month_label(bill_month(date(int(year), int(month), 1)))
