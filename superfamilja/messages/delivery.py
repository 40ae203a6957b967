"""Send due messages: claim them, send them outside of any transaction, record the outcome.

No lock is held while the network is slow. A claim is a lease: when its process dies, another
process sends the message again after LEASE, with the same id and the same text, so that the other
side can recognise it.
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
LEASE = timedelta(minutes=10)  # longer than CLAIM messages at a transport's twenty seconds each
FIRST_WAIT = timedelta(minutes=1)  # doubled at each attempt, up to LONGEST_WAIT
LONGEST_WAIT = timedelta(hours=1)
PATIENCE = timedelta(days=1)  # how long a message without `expires_at` is tried again

SENT, FAILED, LATER = "sent", "failed", "later"
Outcomes = Counter[str]
log = logging.getLogger(__name__)


def deliver_all(clock: Callable[[], datetime]) -> Outcomes:
    """Deliver until nothing is due.

    Stop early when a whole claim has to wait: the gateway is away.
    """
    total = Outcomes()
    while outcomes := deliver_due(clock()):
        total += outcomes
        if set(outcomes) == {LATER}:
            break
    return total


def deliver_due(at: datetime, limit: int = CLAIM) -> Outcomes:
    """Deliver one claim of due messages, and count the outcomes.

    Any number of processes may do so at once, because each message is claimed by one of them.
    `limit` is at most CLAIM, so that a claim ends before its lease.
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
    """Take due messages that no other process is taking, and give each its final words."""
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
    """Set the words for good, so that a later change of the template does not reach them."""
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
    except Exception as error:  # a fault of the transport; its text may hold numbers
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
    """Write only while the claim is still ours; otherwise another process knows better."""
    OutgoingMessage.objects.filter(
        pk=message.pk, state=State.QUEUED, attempts=message.attempts
    ).update(last_error=redact(why)[:60], **becomes)
