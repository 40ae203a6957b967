"""The working day of a shop, which turns at four in the morning and not at midnight."""

from datetime import date, datetime, time, timedelta

from superfamilja.values.months import TIRANE

# Closing the books at five past midnight closes the evening before. At four no shop is open.
DAY_TURNS_AT = time(4)


def day_of(at: datetime) -> date:
    """Return the shop's day at that moment. Raise ValueError for a time without its zone."""
    if at.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    # By local time: the nights with an hour more or less turn at four, too.
    local = at.astimezone(TIRANE)
    return local.date() if local.time() >= DAY_TURNS_AT else local.date() - timedelta(days=1)


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Return when that day begins and ends; the second moment belongs to the next day."""
    days = (day, day + timedelta(days=1))
    begin, end = (datetime.combine(d, DAY_TURNS_AT, TIRANE) for d in days)
    return begin, end
