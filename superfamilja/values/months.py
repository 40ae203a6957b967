"""Handle the house's month: a calendar month in Europe/Tirane, kept as its first day (R11)."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

TIRANE = ZoneInfo("Europe/Tirane")


def local_date(at: datetime) -> date:
    """Return the date in Tirana at that moment. Raise ValueError for a time without its zone."""
    if at.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return at.astimezone(TIRANE).date()


def month_of(at: datetime) -> date:
    """Return the first day of the moment's month (R11: the moment of acceptance)."""
    return local_date(at).replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def bill_month(month: date) -> date:
    """Return the month of the fixed bill that carries this month of Klik-ON (R14).

    Pages, SMS, papers and 130 all name the bill so: “the bill of 12/2026” has the spending of
    11/2026.
    """
    return next_month(month)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def parse_month(text: str) -> date:
    """Return 1 October 2026 for 2026-10. Raise ValueError with the form to use."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text.strip())
    if not match:
        raise ValueError(f"“{text}” is not a month; write it as 2026-10.")
    return date(int(match[1]), int(match[2]), 1)


def month_number(month: date) -> int:
    """Return the month as one number for addresses: 202610."""
    return month.year * 100 + month.month


def numbered_month(number: int) -> date:
    """Return 1 October 2026 for 202610. Raise ValueError when the number is no month."""
    return date(number // 100, number % 100, 1)


def month_label(month: date) -> str:
    """Return the month as the bill prints it: 10/2026."""
    return f"{month:%m/%Y}"


def bill_label(label: str) -> str:
    """Return the label of the bill for a month's label: «11/2026» → «12/2026». Raise ValueError."""
    month, _slash, year = label.partition("/")
    return month_label(bill_month(date(int(year), int(month), 1)))
