"""Record who worked in which shop, from when until when, and how it ended."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from superfamilja.accounts.models import SessionEnd, Store, StoreSession, User


class TimeInStore(NamedTuple):
    """A person's time in a shop.

    `until` is its end or, while it has none, when the person was last seen. `how` is text for the
    page.
    """

    person: User
    began_at: datetime
    until: datetime
    how: str
    is_over: bool


def sessions_of(
    store: Store, day: date, *, at: datetime, turns_at: time = time()
) -> list[TimeInStore]:
    """Return all times in this shop that began on that day in Tirane, the earliest first.

    `turns_at` says when a day begins there.
    """
    begin = datetime.combine(day, turns_at, timezone.get_default_timezone())
    begun = StoreSession.objects.filter(
        store=store, began_at__gte=begin, began_at__lt=begin + timedelta(days=1)
    )
    return [_as_seen(s, at) for s in begun.select_related("user").order_by("began_at", "pk")]


def still_open() -> QuerySet[StoreSession]:
    """Return the times that have no known end yet."""
    return StoreSession.objects.filter(ended_at=None)


def end(sessions: QuerySet[StoreSession], how: SessionEnd, at: datetime | None) -> None:
    """End them: at that moment or, without one, when each was last seen."""
    sessions.update(ended_at=at or F("last_seen_at"), how=how)


def _as_seen(session: StoreSession, at: datetime) -> TimeInStore:
    if session.ended_at is not None:
        how = session.get_how_display()
        return TimeInStore(session.user, session.began_at, session.ended_at, how, is_over=True)
    # A closed browser sends nothing; the gate will refuse this session from now on.
    is_over = at - session.last_seen_at >= timedelta(
        minutes=settings.STAFF_IDLE_MINUTES
    ) or at - session.signed_in_at >= timedelta(hours=settings.STAFF_SESSION_HOURS)
    how = str(SessionEnd.TIME_UP.label if is_over else _("at work"))
    return TimeInStore(session.user, session.began_at, session.last_seen_at, how, is_over)
