"""Send what is due: claim it, send it outside of any transaction, record what became of it.

Nobody holds a lock while the network is slow. A claim is a lease: when its process dies, the
message comes again to another one after LEASE, with the same id and the same text, so that the
other side can tell that it has it already.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from superfamilja.epoch import standing
from superfamilja.logs import redact
from superfamilja.messages import templates, transports
from superfamilja.messages.models import OutgoingMessage, State
from superfamilja.messages.transports import PermanentError, Send, TransportError

CLAIM = 20
LEASE = timedelta(minutes=10)  # more than CLAIM messages of a transport's twenty seconds
FIRST_WAIT = timedelta(minutes=1)  # doubled at each attempt, up to
LONGEST_WAIT = timedelta(hours=1)
PATIENCE = timedelta(days=1)  # how long one without `expires_at` is tried again

SENT, FAILED, LATER = "sent", "failed", "later"
Outcomes = Counter[str]
log = logging.getLogger(__name__)


def deliver_all(clock: Callable[[], datetime]) -> Outcomes:
    """Deliver until nothing is due. Stops early when a whole claim has to wait: the way is shut."""
    total = Outcomes()
    while outcomes := deliver_due(clock()):
        total += outcomes
        if set(outcomes) == {LATER}:
            break
    return total


def deliver_due(at: datetime, limit: int = CLAIM) -> Outcomes:
    """Deliver one claim of what is due at that moment, and count what became of it.

    Any number of processes may do so at once: a message is claimed by one of them. `limit` is at
    most CLAIM, so that a claim ends before its lease.
    """
    if standing.why_halted():  # R36
        return Outcomes()
    send = transports.chosen()
    outcomes = Outcomes()
    for message in _claim(at, min(limit, CLAIM)):
        outcomes[_deliver(message, send, at)] += 1
    return outcomes


@transaction.atomic
def _claim(at: datetime, limit: int) -> list[OutgoingMessage]:
    """Take due messages that nobody else is taking, and give each its final words."""
    due = list(
        OutgoingMessage.objects.select_for_update(skip_locked=True)
        .filter(state=State.QUEUED, next_attempt_at__lte=at)
        .order_by("next_attempt_at", "pk")[:limit]
    )
    _take(due, at)
    return due


def _take(due: list[OutgoingMessage], at: datetime) -> None:
    for message in due:
        message.attempts += 1
        message.next_attempt_at = at + LEASE
        if message.text is None:
            _freeze_words(message)
    OutgoingMessage.objects.bulk_update(due, ["attempts", "next_attempt_at", "text", "segments"])


def _freeze_words(message: OutgoingMessage) -> None:
    """The words as they are sent, whatever becomes of the template. None: it cannot be said."""
    try:
        message.text = templates.render(message.template, message.language, message.parameters)
        message.segments = templates.segments(message.text)
    except templates.Unsayable as error:
        log.error("Message %s cannot be said: %s", message.pk, error)


def _deliver(message: OutgoingMessage, send: Send, at: datetime) -> str:
    if message.expires_at is not None and message.expires_at <= at:
        return _give_up(message, "expired")
    if message.text is None:
        return _try_later(message, "cannot be said", at)
    try:
        send(message.message_id, message.recipient, message.text)
    except PermanentError as error:
        return _give_up(message, error.code)
    except TransportError as error:
        return _try_later(message, error.code, at)
    except Exception as error:  # a fault of the transport: its text may carry numbers
        log.error("Message %s was not sent: %s", message.pk, type(error).__name__)
        return _try_later(message, type(error).__name__, at)
    OutgoingMessage.objects.filter(pk=message.pk, state=State.QUEUED).update(
        state=State.SENT, sent_at=at, last_error=""
    )
    return SENT


def _give_up(message: OutgoingMessage, why: str) -> str:
    _record_failure(message, why, state=State.FAILED)
    return FAILED


def _try_later(message: OutgoingMessage, why: str, at: datetime) -> str:
    """Wait longer each time; give up when the next time would be too late."""
    again = at + min(FIRST_WAIT * 2 ** min(message.attempts - 1, 10), LONGEST_WAIT)
    if again >= (message.expires_at or message.due_at + PATIENCE):
        return _give_up(message, why)
    _record_failure(message, why, next_attempt_at=again)
    return LATER


def _record_failure(message: OutgoingMessage, why: str, **becomes: State | datetime) -> None:
    """Only while the claim is still ours: another one knows better by then."""
    OutgoingMessage.objects.filter(
        pk=message.pk, state=State.QUEUED, attempts=message.attempts
    ).update(last_error=redact(why)[:60], **becomes)
