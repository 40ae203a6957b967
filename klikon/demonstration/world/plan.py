"""Plan who activates what in a month of the demonstration. Pure functions.

The same families and month always give the same plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from groups.models import ContractStatus, Membership
from klikon.models import Channel
from superfamilja.values.months import TIRANE, month_label, next_month

DARDHA, DELLINJA = "SF1000001", "SF1000022"
CREDITED, FAILED, UNKNOWN, PARKED = "SF1000016", "SF1000002", "SF1000004", "SF1000007"
PACKAGES = ("S700", "S1000", "S1200", "S700", "S1500", "S2000")
CHANNELS = (Channel.IVR, Channel.IVR, Channel.WEB, Channel.IVR, Channel.STAFF)
# Familja Dëllinja's 5,800 Lek of this month: seat of the member, package.
OF_DELLINJA = ((1, "S2000"), (2, "S1200"), (1, "S1200"), (2, "S700"), (1, "S700"))
NIGHT = time(3, 12)


@dataclass(frozen=True)
class Family:
    """A contract's group in the demonstration: its members and its leader, by seat."""

    number: str
    status: str
    members: Sequence[Membership]

    @property
    def index(self) -> int:
        return int(self.number[-3:])

    @property
    def leader(self) -> Membership | None:
        """Return the leader. Familja Dardha has none yet, because naming one is its story."""
        if self.number == DARDHA:
            return None
        seat = 0 if self.number == DELLINJA else self.index % len(self.members)
        return self.members[seat]

    @property
    def activates(self) -> bool:
        return self.leader is not None and self.status == ContractStatus.ACTIVE


@dataclass(frozen=True)
class Wish:
    """An activation to make: for whom, what, when, by which channel, and its outcome."""

    family: Family
    member: Membership
    package: str
    at: datetime
    channel: Channel
    key: str
    ends: str = "done"


def of_month(families: Sequence[Family], month: date, now: datetime) -> list[Wish]:
    """Return everything of that month in order; in the month of `now`, only what lies before."""
    wishes = [
        wish for family in families if family.activates for wish in _of_family(family, month, now)
    ]
    return sorted(wishes, key=lambda wish: (wish.at, wish.key))


def last_month(families: Sequence[Family], month: date) -> list[Wish]:
    """Return what makes the last month a story: one that failed, and one without an answer."""
    named = {family.number: family for family in families}
    failed, unknown = named[FAILED], named[UNKNOWN]
    return [
        Wish(
            failed,
            failed.members[0],
            "S1000",
            _day(month, 17, time(18, 40)),
            Channel.IVR,
            failed_key(month),
            "failed",
        ),
        Wish(
            unknown,
            unknown.members[1],
            "S700",
            _day(month, 21, time(10, 5)),
            Channel.WEB,
            unknown_key(month),
            "unknown",
        ),
    ]


def dellinja(families: Sequence[Family], now: datetime) -> list[Wish]:
    """Return 5,800 Lek of this month; the last 1,000 at night, for a member who rarely gets any."""
    family = next(family for family in families if family.number == DELLINJA)
    month = _month_of(now)
    wishes = [
        Wish(
            family,
            family.members[seat - 1],
            package,
            _within(month, now, n + 1, 8),
            Channel.IVR,
            f"dellinja-{month_label(month)}-{n}",
        )
        for n, (seat, package) in enumerate(OF_DELLINJA)
    ]
    # The night before, if it lies in this month.
    night = _at_night(month, now)
    return [*wishes, Wish(family, family.members[2], "S1200", night, Channel.STAFF, PUZZLING)]


PUZZLING = "puzzling"


def failed_key(month: date) -> str:
    return f"failed-{month_label(month)}"


def unknown_key(month: date) -> str:
    return f"unknown-{month_label(month)}"


def _of_family(family: Family, month: date, now: datetime) -> Iterator[Wish]:
    this_month = month == _month_of(now)
    if family.number == DELLINJA and this_month:
        return
    months = month.year * 12 + month.month
    count = 1 + (family.index * 7 + months * 2) % 3
    # The third member of familja Dëllinja rarely gets a package, so that it stands out.
    members = family.members[:2] if family.number == DELLINJA else family.members
    for n in range(count):
        turn = family.index + months + n
        yield Wish(
            family=family,
            member=members[turn % len(members)],
            package=PACKAGES[(turn + n + family.index) % len(PACKAGES)],
            at=_within(month, now, 1 + n * 3 + family.index % 3, 10, by=family.index),
            channel=CHANNELS[turn % len(CHANNELS)],
            key=f"{family.number}-{month_label(month)}-{n}",
        )


def _within(month: date, now: datetime, part: int, parts: int, by: int = 0) -> datetime:
    """Return a moment of the month, or of its past part; by day when a day has passed."""
    start = _day(month, 1, time(0))
    end = min(_day(next_month(month), 1, time(0)), now)
    moment = (start + (end - start) * part / parts).astimezone(TIRANE)
    by_day = moment.replace(
        hour=9 + (by + part * 5) % 12, minute=(by * 7 + part * 11) % 60, second=0, microsecond=0
    )
    return by_day if start <= by_day < end else moment


def _at_night(month: date, now: datetime) -> datetime:
    night = datetime.combine(now.astimezone(TIRANE).date(), NIGHT, TIRANE)
    if night >= now:
        night -= timedelta(days=1)
    return night if night >= _day(month, 1, time(0)) else _within(month, now, 7, 8)


def _day(month: date, day: int, hour: time) -> datetime:
    return datetime.combine(month.replace(day=day), hour, TIRANE)


def _month_of(now: datetime) -> date:
    return now.astimezone(TIRANE).date().replace(day=1)
