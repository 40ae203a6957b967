"""Deliver an order: claim it, talk to the charging system outside of any transaction, take the
answer over.

A claim is a lease with a number. A worker that was killed leaves its order to the next one after
the lease; one that was only frozen comes back with the answer of an attempt that is over, and
that is written down but not counted.
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
    """One attempt at one order. `ask_first`: an earlier one may have arrived."""

    order_id: int
    attempt: int
    ask_first: bool
    package: client.OrderedPackage


def deliver(reference: str, clock: Clock) -> Word | None:
    """Do what is to be done for this order now. None: nothing is, or the line is down."""
    claim = _claim_while_open(clock(), reference=reference)
    return _carry_out(claim, clock) if claim else None


def deliver_due(clock: Clock, most: int = 200) -> int:
    """Deliver what is due, one after the other, until nothing is or the line is down. How many.

    Any number of workers may do so at once: each order is claimed by one of them.
    """
    for done in range(most):
        if (claim := _claim_while_open(clock())) is None:
            return done
        _carry_out(claim, clock)
    return most


def record(claim: Claim, answer: Answer, at: datetime) -> None:
    """Take the answer over, unless the attempt that it belongs to is over."""
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
    """R36: nothing is ordered from a database that was restored."""
    return None if standing.why_halted() else _claim(at, reference)


@transaction.atomic
def _claim(at: datetime, reference: str | None = None) -> Claim | None:
    """Take an order that is due and that nobody else is taking: this one, or the longest waiting.

    Its next step is then the end of its lease.
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
    """Its charge was reversed before anything was sent: there is nothing to deliver."""
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
