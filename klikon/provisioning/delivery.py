"""Deliver an order: claim it, call the charging system, apply the answer.

The call is outside of any transaction. A claim is a lease with a number. A killed worker leaves its
order to the next one after the lease. A worker that was only frozen returns with the answer of an
old attempt, which is recorded and does not count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from klikon.provisioning.answers import Answer, Word
from klikon.provisioning.line import breaker, client, schedule, verdict
from klikon.provisioning.models import ENDED, EventKind, Order, OrderEvent, OrderState
from superfamilja.epoch import standing

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Claim:
    """An attempt at an order. With `ask_first` an earlier attempt may have arrived."""

    order_id: int
    attempt: int
    ask_first: bool
    package: client.OrderedPackage


def deliver(reference: str, clock: Clock) -> Word | None:
    """Do what is due for this order now. Return None when nothing is due or the line is down."""
    claim = _claim_while_open(clock(), reference=reference)
    return _carry_out(claim, clock) if claim else None


def deliver_due(clock: Clock, most: int = 200) -> int:
    """Deliver due orders in turn until none is left or the line is down; return how many.

    Any number of workers may do so at once, because each order is claimed by one of them.
    """
    for done in range(most):
        if (claim := _claim_while_open(clock())) is None:
            return done
        _carry_out(claim, clock)
    return most


def record(claim: Claim, answer: Answer, at: datetime) -> None:
    """Apply the answer, unless its attempt is over."""
    breaker.heard(trouble=answer.is_trouble, at=at)
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=claim.order_id)
        if order.attempt == claim.attempt:
            verdict.apply(order, answer, at=at)
        else:
            _write(order, EventKind.STALE, at, attempt=claim.attempt, answer=answer)


def _carry_out(claim: Claim, clock: Clock) -> Word:
    answer = _talk(claim)
    record(claim, answer, clock())
    if answer.word == Word.NEVER_HEARD and (
        again := _claim_while_open(clock(), claim.package.reference)
    ):
        return _carry_out(again, clock)
    return answer.word


def _claim_while_open(at: datetime, reference: str | None = None) -> Claim | None:
    """R36: order nothing from a database that was restored."""
    return None if standing.why_halted() else _claim(at, reference)


@transaction.atomic
def _claim(at: datetime, reference: str | None = None) -> Claim | None:
    """Claim a due order that no other worker has: this one, or the longest waiting.

    Its next step is then due at the end of its lease.
    """
    due = Order.objects.select_for_update(skip_locked=True).due(at)
    order = (due.filter(activation_id=reference) if reference else due).first()
    if order is None or not breaker.lets_through(at):
        return None
    ask_first = order.maybe_sent or order.state in ENDED
    if not ask_first and order.activation.charge.is_reversed:
        _stop(order, at)
        return _claim(at, reference)
    order.attempt += 1
    order.maybe_sent = True
    order.next_at = at + schedule.lease()
    order.save(update_fields=["attempt", "maybe_sent", "next_at"])
    _write(order, EventKind.ASKED if ask_first else EventKind.SENT, at, attempt=order.attempt)
    return Claim(order.pk, order.attempt, ask_first, _package(order))


def _stop(order: Order, at: datetime) -> None:
    """Stop an order whose charge was reversed before anything was sent."""
    order.state, order.next_at = OrderState.FAILED, None
    order.save(update_fields=["state", "next_at"])
    _write(order, EventKind.STOPPED, at, attempt=order.attempt)


def _package(order: Order) -> client.OrderedPackage:
    activation = order.activation
    return client.OrderedPackage(
        reference=order.reference,
        msisdn=activation.member.msisdn,
        package=activation.package_code,
        validity_days=activation.package.validity_days,
        ordered_at=activation.accepted_at.isoformat(),
    )


def _talk(claim: Claim) -> Answer:
    if claim.ask_first:
        return client.ask(claim.package.reference)
    return client.send(claim.package)


def _write(
    order: Order, kind: EventKind, at: datetime, *, attempt: int, answer: Answer | None = None
) -> None:
    said = verdict.written_down(order, answer) if answer else {}
    OrderEvent.objects.create(
        order=order, at=at, kind=kind, attempt=attempt, became=order.state, **said
    )
