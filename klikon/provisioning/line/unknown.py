"""Keep callbacks for orders that we do not have, a limited number, for a person (R36).

A restore, a copy or a mistake on the other side looks like this from here. Each message is kept
once by its id. A day takes UNKNOWN_CALLBACKS_A_DAY of them, and further ones are told to come
later. So a faulty sender cannot fill the disk, and nothing that it says is lost.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from klikon.provisioning.answers import Statement
from klikon.provisioning.models import UnknownCallback
from superfamilja.data.advisory_locks import UNKNOWN_ORDERS_LOCK

COME_AGAIN = timedelta(hours=1)


class TooMany(Exception):  # noqa: N818 - an answer: come again later
    """Today's limit of callbacks for unknown orders is reached."""


def keep(said: Statement, *, message_id: str, at: datetime) -> None:
    """Keep it, once a message, in the caller's transaction. Raise TooMany."""
    with connection.cursor() as cursor:  # one after the other, so that the limit holds
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
