"""Send due messages: claim them, send them outside of any transaction, record the outcome.

Nobody holds a lock while the network is slow. A claim is a lease: when its process dies, the
message comes again to another one after LEASE, with the same id and the same text, so that the
other side can tell that it has it already. Where it cannot tell, each part is written down before
it leaves (`ledger`). If nobody answered a part, the kind of its message says whether it is sent
again (ADR 0029).
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from superfamilja.epoch import standing
from superfamilja.logs import redact
from superfamilja.messages import templates, transports
from superfamilja.messages.ledger import book
from superfamilja.messages.models import Need, OutgoingMessage, State
from superfamilja.messages.transports import (
    NoAnswerError,
    PermanentError,
    Send,
    SendPart,
    TransportError,
)

CLAIM = 20
LEASE = timedelta(minutes=10)  # longer than CLAIM messages at a transport's twenty seconds each
FIRST_WAIT = timedelta(minutes=1)  # doubled at each attempt, up to LONGEST_WAIT
LONGEST_WAIT = timedelta(hours=1)
PATIENCE = timedelta(days=1)  # how long a message without `expires_at` is tried again
BUSY_WAIT = timedelta(seconds=1)  # the sender itself slows down
NO_ANSWER = "no answer"

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

    Any number of processes may do so at once: a message is claimed by one of them. `limit` is at
    most CLAIM, so that a claim ends before its lease. Nothing where the gateway is a process of
    its own.
    """
    if standing.why_halted() or transports.is_apart():  # R36
        return Outcomes()
    send = transports.chosen()
    outcomes = Outcomes()
    for message in _claim(at, min(limit, CLAIM)):
        outcomes[_deliver(message, send, at)] += 1
    return outcomes


def claim(at: datetime, limit: int, lease: timedelta) -> list[OutgoingMessage]:
    """Take due messages for a gateway of its own; nothing while the database stands still (R36)."""
    return [] if standing.why_halted() else _claim(at, limit, lease)


@transaction.atomic
def _claim(at: datetime, limit: int, lease: timedelta = LEASE) -> list[OutgoingMessage]:
    """Take due messages that nobody else is taking, those of need first, each with its words."""
    due: list[OutgoingMessage] = []
    for need in Need.values:
        if len(due) < limit:
            waiting = OutgoingMessage.objects.select_for_update(skip_locked=True).waiting(at)
            of_need = waiting.filter(need=need).order_by("next_attempt_at", "pk")
            due += of_need[: limit - len(due)]
    _take(due, at, lease)
    return due


def _take(due: list[OutgoingMessage], at: datetime, lease: timedelta) -> None:
    for message in due:
        message.attempts += 1
        message.next_attempt_at = at + lease
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
    if why := not_ready(message, at):
        return why
    try:
        _send(message, send, at)
    except NoAnswerError:
        return outcome_unknown(message, at, FIRST_WAIT)
    except PermanentError as error:
        return give_up(message, error.code)
    except TransportError as error:
        return try_later(message, error.code, at)
    except Exception as error:  # a fault of the transport: its text may carry numbers
        log.error("Message %s was not sent: %s", message.pk, type(error).__name__)
        return try_later(message, type(error).__name__, at)
    OutgoingMessage.objects.filter(pk=message.pk, state=State.QUEUED).update(
        state=State.SENT, sent_at=at, last_error=""
    )
    return SENT


def _send(message: OutgoingMessage, send: Send, at: datetime) -> None:
    """Where the other side tells us what became of it, what leaves is written down before."""
    text = message.text or ""
    if not isinstance(send, SendPart):
        send(message.message_id, message.recipient, text)
        return
    (row,) = book.leaving([(message, 1, 1)], way=send.way, at=at)
    try:
        send.send_part(row.pk, message.recipient, text, message.expires_at, at)
    except NoAnswerError:
        book.fall_silent([row.pk], at=at)
        raise
    except TransportError:
        book.record([book.PartAnswer(row.pk, book.REFUSED)], [], at=at)
        raise
    book.record([book.PartAnswer(row.pk, book.OK)], [], at=at)


def not_ready(message: OutgoingMessage, at: datetime) -> str:
    """Return what became of a claimed message that is not to be sent now; empty: send it."""
    if message.expires_at is not None and message.expires_at <= at:
        return give_up(message, "expired")
    if message.text is None:
        return try_later(message, "cannot be said", at)
    if message.attempts > 1 and book.was_never_answered(message, at=at):
        message.refresh_from_db()
        if message.state != State.QUEUED:
            return SENT  # its receipt was here
        if not templates.kind_of(message.template).is_sent_again:
            return outcome_unknown(message, at, FIRST_WAIT)
    return ""


def outcome_unknown(message: OutgoingMessage, at: datetime, again_after: timedelta) -> str:
    """It may have left, and nobody answered: its kind says whether it is sent again.

    What is not sent again waits for its receipt, or for a person.
    """
    becomes: dict[str, State | datetime] = {"state": State.UNKNOWN}
    if templates.kind_of(message.template).is_sent_again:
        becomes = {"next_attempt_at": max(at + again_after, message.due_at)}
    _record_failure(message, NO_ANSWER, **becomes)
    return LATER


@transaction.atomic
def send_again(message_pk: int, *, at: datetime) -> bool:
    """Send a message of unknown outcome once more, as far as its parts are not known to have
    arrived. Whoever calls has asked a person. Returns False when its outcome is known by now."""
    unknown = OutgoingMessage.objects.select_for_update().never_answered()
    if (message := unknown.filter(pk=message_pk).first()) is None:
        return False
    book.write_off(message, at=at)
    message.state, message.next_attempt_at, message.last_error = State.QUEUED, at, ""
    message.save(update_fields=["state", "next_attempt_at", "last_error"])
    return True


def let_be(message_pk: int) -> bool:
    """Give a message of unknown outcome up. Returns False when its outcome is known by now."""
    unknown = OutgoingMessage.objects.never_answered().filter(pk=message_pk)
    return bool(unknown.update(state=State.FAILED, last_error="left as it is"))


def busy(message: OutgoingMessage, at: datetime) -> None:
    """The other side has enough for now; the message comes again at once, its sender slower."""
    _record_failure(message, "busy", next_attempt_at=max(at + BUSY_WAIT, message.due_at))


def put_back(message: OutgoingMessage, at: datetime) -> None:
    """Nothing was done with it: it is due still."""
    _record_failure(message, message.last_error, next_attempt_at=max(at, message.due_at))


def give_up(message: OutgoingMessage, why: str) -> str:
    """It will never be sent."""
    _record_failure(message, why, state=State.FAILED)
    return FAILED


def try_later(message: OutgoingMessage, why: str, at: datetime) -> str:
    """Wait longer each time; give up when the next time would be too late."""
    longest = FIRST_WAIT if message.need == Need.FIRST else LONGEST_WAIT
    again = at + min(FIRST_WAIT * 2 ** min(message.attempts - 1, 10), longest)
    if again >= (message.expires_at or message.due_at + PATIENCE):
        return give_up(message, why)
    _record_failure(message, why, next_attempt_at=again)
    return LATER


def _record_failure(message: OutgoingMessage, why: str, **becomes: State | datetime) -> None:
    """Write only while the claim is still ours; otherwise another process knows better."""
    OutgoingMessage.objects.filter(
        pk=message.pk, state=State.QUEUED, attempts=message.attempts
    ).update(last_error=redact(why)[:60], **becomes)
