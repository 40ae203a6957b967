"""Callbacks for an order that we do not have: kept for a person, and bounded (R36).

They are what a restore, a copy or a mix-up on the other side looks like from here. Each is kept
once by its message's id. A day takes MOST_A_DAY of them: what comes beyond is told to come again
later, so that a sender that has gone mad fills no disk, and nothing it says is lost.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from klikon.provisioning.answers import Statement
from klikon.provisioning.models import UnknownCallback
from superfamilja.data.advisory_locks import UNKNOWN_ORDERS_LOCK

COME_AGAIN = timedelta(hours=1)


class TooMany(Exception):  # noqa: N818 - an answer: come again later
    """A day's callbacks for orders that we do not have are kept already."""


def keep(said: Statement, *, message_id: str, at: datetime) -> None:
    """Keep it, once a message. Raises TooMany. In the caller's transaction."""
    with connection.cursor() as cursor:  # one after the other, so that the bound is one
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [UNKNOWN_ORDERS_LOCK])
    kept = UnknownCallback.objects
    if kept.filter(message_id=message_id).exists():
        return
    day = kept.filter(received_at__gt=at - timedelta(days=1))
    if day.count() >= settings.UNKNOWN_CALLBACKS_A_DAY:
        raise TooMany
    kept.create(
        message_id=message_id,
        received_at=at,
        reference=said.reference,
        msisdn=said.msisdn,
        package=said.package,
        state=said.state,
        code=said.code,
    )
