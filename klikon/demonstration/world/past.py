"""Make the past of an activation: the charging system's answers, and the sent SMS.

The charging system is not asked about the past. The usual verdict takes over what it would have
said.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from groups.models import Contract
from groups.proof import PayerSession
from klikon.models import Activation
from klikon.provisioning import orders
from klikon.provisioning.answers import Answer, Failure, Ordered, Statement, Word
from klikon.provisioning.line import verdict
from klikon.provisioning.models import ENDED, EventKind, Order, OrderEvent, OrderState
from superfamilja.customers.models import CODE_LIVES, OneTimeCode
from superfamilja.messages import delivery

SECOND = timedelta(seconds=1)
# An answer, and the time between acceptance and sending or asking.
ANSWERS: dict[str, list[tuple[Answer, timedelta]]] = {
    "done": [(Answer(Word.DONE, asked=True), SECOND)],
    "failed": [(Answer(Word.FAILED, Failure.NUMBER_BLOCKED, asked=True), SECOND)],
    "unknown": [
        (Answer(Word.SILENCE, "ReadTimeoutError", asked=ask), after)
        for ask, after in (
            (False, SECOND),
            (True, timedelta(minutes=5)),
            (True, timedelta(hours=1)),
            (True, timedelta(days=1)),
        )
    ],
}
ENDS = {
    "done": OrderState.DONE,
    "failed": OrderState.FAILED,
    "unknown": OrderState.PERSON,
}


def payer_of(contract: Contract, at: datetime) -> PayerSession:
    """Return the payer of that time with a code of that time; the verbs need a proof (R30)."""
    code = OneTimeCode.objects.create(
        msisdn=contract.contact_msisdn,
        purpose="sign_in",
        digest="",
        made_at=at,
        expires_at=at + CODE_LIVES,
        used_at=at,
        is_sent=True,
        known_browser=True,
        address="",
    )
    return PayerSession(code=code.pk)


@transaction.atomic
def ends(activation: Activation, how: str) -> None:
    """End its order so and send its SMS, at the moments when that would have happened."""
    order = Order.objects.select_for_update().get(activation=activation)
    if order.state in ENDED:
        return
    at = activation.accepted_at
    deliver_messages(at + SECOND)
    for answer, after in ANSWERS[how]:
        at = activation.accepted_at + after
        order.attempt += 1
        order.maybe_sent = True
        kind = EventKind.ASKED if order.attempt > 1 else EventKind.SENT
        OrderEvent.objects.create(
            order=order, at=at, kind=kind, attempt=order.attempt, became=order.state
        )
        at += SECOND
        verdict.apply(order, replace(answer, about=_about(order.ordered)), at=at)
    if how == "failed":
        deliver_messages(at + SECOND)


def _about(ordered: Ordered) -> Statement:
    """Return what was ordered, because the answer is about it."""
    return Statement(ordered.reference, ordered.msisdn, ordered.package)


def deliver_messages(at: datetime) -> None:
    """Send all SMS that are due at that moment."""
    while delivery.deliver_due(at):
        pass


def forget_jobs() -> None:
    """Remove the jobs of ended orders, so that the worker starts with an empty queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs j USING provisioning_order o
            WHERE j.queue_name = %s AND j.status = 'todo' AND o.reference = j.args->>'reference'
              AND o.next_at IS NULL
            """,
            [orders.QUEUE],
        )
