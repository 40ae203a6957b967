"""Remove the digits of one-time codes from the outbox once they open nothing any more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from superfamilja.messages import templates

BLANK = "•••"
_AT_ONCE = 1000
# A waiting message is given up, because an SMS without its code would only puzzle its reader. A
# process that is sending it at this moment has its words already and sends those.
_BLANK = """
UPDATE outbox_outgoingmessage m
   SET parameters = m.parameters || '{"code": "•••"}',
       text = replace(m.text, m.parameters ->> 'code', '•••'),
       last_error = CASE m.state WHEN 'queued' THEN 'the code is over' ELSE m.last_error END,
       state = CASE m.state WHEN 'queued' THEN 'failed' ELSE m.state END
 WHERE m.parameters ? 'code' AND m.parameters ->> 'code' <> '•••'
   AND m.template = ANY(%(templates)s)
"""
_OF_NUMBER = f"{_BLANK} AND m.recipient = %(recipient)s AND m.written_at = %(written_at)s"
_EXPIRED = f"""{_BLANK} AND m.id IN (
    SELECT id FROM outbox_outgoingmessage
     WHERE parameters ? 'code' AND parameters ->> 'code' <> '•••'
       AND template = ANY(%(templates)s) AND expires_at <= portal_now()
     ORDER BY expires_at LIMIT {_AT_ONCE} FOR UPDATE SKIP LOCKED)
"""  # noqa: S608 - only our own fragments are joined in


def blank(written: Iterable[tuple[str, datetime]]) -> int:
    """Remove the codes from messages to these numbers (E.164) that were written at that moment.

    The database refuses while the code is still valid. Return how many messages held one.
    """
    return sum(_run(_OF_NUMBER, recipient=to, written_at=at) for to, at in written)


def blank_expired() -> int:
    """Remove every expired code; return how many. A repeated run changes nothing."""
    total = 0
    while done := _run(_EXPIRED):
        total += done
    return total


def _run(sql: str, **values: Any) -> int:
    names = [name for name, message in templates.every().items() if message.is_secret]
    with connection.cursor() as cursor:
        cursor.execute(sql, {"templates": names, **values})
        return int(cursor.rowcount)
