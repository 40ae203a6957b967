"""The past of an activation: what the charging system said of it, and the SMS that went out.

The charging system of the demonstration is not asked for what is past; what it would have said is
taken over by the same verdict as every answer.
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
# Said, and how long after it was accepted it was sent or asked for.
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
    """The payer of back then, with a code of back then: the verbs take nothing less (R30)."""
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
    """Let its order end so, and its SMS go out, at the moments when they would have."""
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
    """What was ordered is what it answers for."""
    return Statement(ordered.reference, ordered.msisdn, ordered.package)


def deliver_messages(at: datetime) -> None:
    """All that is due goes out at that moment."""
    while delivery.deliver_due(at):
        pass


def forget_jobs() -> None:
    """What has ended needs no job: the worker starts with an empty queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs j USING provisioning_order o
            WHERE j.queue_name = %s AND j.status = 'todo' AND o.reference = j.args->>'reference'
              AND o.next_at IS NULL
            """,
            [orders.QUEUE],
        )
