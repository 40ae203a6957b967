"""The day of a shop: it turns at four in the morning and not at midnight."""

from datetime import date, datetime, time, timedelta

from superfamilja.values.months import TIRANE

# Who closes the books at five past midnight closes the evening's. At four no shop is open.
DAY_TURNS_AT = time(4)


def day_of(at: datetime) -> date:
    """The day of a shop at that moment. Raises ValueError for a time without its zone."""
    if at.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    # By the clock on the wall: the nights that are an hour longer or shorter turn at four, too.
    local = at.astimezone(TIRANE)
    return local.date() if local.time() >= DAY_TURNS_AT else local.date() - timedelta(days=1)


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """From when to when it is that day; the second moment belongs to the next one."""
    days = (day, day + timedelta(days=1))
    begin, end = (datetime.combine(d, DAY_TURNS_AT, TIRANE) for d in days)
    return begin, end
