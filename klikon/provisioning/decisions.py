"""Decide on an order that the system gave up: a person's verbs, each with a reason."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from billing import outcomes
from billing.models import Charge, ChargeState
from klikon.provisioning import told
from klikon.provisioning.line import schedule
from klikon.provisioning.models import (
    Decision,
    EventKind,
    Order,
    OrderEvent,
    OrderState,
    UnknownCallback,
)
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.refusal import Refusal

OPEN_TO_PEOPLE = {OrderState.PERSON, OrderState.UNKNOWN}


class NotForAPerson(Refusal):
    rule = "R29"
    code = "order_not_for_a_person"
    sentence = gettext_noop(
        "Order %(reference)s does not wait for a person any more. Look at its history."
    )


class NothingToSettle(Refusal):
    rule = "R29"
    code = "nothing_to_settle"
    sentence = gettext_noop(
        "Order %(reference)s was not delivered, or its charge is not held: there is nothing to "
        "settle."
    )


class CallbackClosed(Refusal):
    rule = "R36"
    code = "callback_closed"
    sentence = gettext_noop("Somebody has looked into this callback already. Read what they found.")


@transaction.atomic
def mark_done(*, order: Order, actor: User, at: datetime, reason: str) -> Order:
    """Settle the charge, because the member has the package; nobody asks any more.

    Raises NotForAPerson, ReasonMissing, or AlreadyReversed when the charge is gone.
    """
    order = _taken(order, actor, at, reason)
    outcomes.settle(reference=order.reference, at=at)
    order.state, order.next_at = OrderState.DONE, None
    return _decided(order, Decision.MARK_DONE, "mark_order_done", actor=actor, at=at, reason=reason)


@transaction.atomic
def reverse(*, order: Order, actor: User, at: datetime, reason: str) -> Order:
    """Reverse the charge whole, because the member has nothing, and tell everybody (R13).

    Raises NotForAPerson, ReasonMissing, or AlreadyCredited.
    """
    order = _taken(order, actor, at, reason)
    before = Charge.objects.get(reference=order.reference).state
    outcomes.reverse(reference=order.reference, at=at, reason=reason, actor=actor)
    if before != ChargeState.REVERSED:
        told.tell_reversed(order.activation, at=at)
    order.state, order.next_at = OrderState.FAILED, None
    return _decided(order, Decision.REVERSE, "reverse_order", actor=actor, at=at, reason=reason)


@transaction.atomic
def ask_again(*, order: Order, actor: User, at: datetime, reason: str) -> Order:
    """Ask the charging system once more, now. Raise NotForAPerson, ReasonMissing."""
    order = _taken(order, actor, at, reason)
    order.state, order.next_at = OrderState.UNKNOWN, at
    order.forgotten = min(order.forgotten, schedule.FORGOTTEN_AT_MOST)
    # If it stays silent, the order comes straight back to a person.
    order.silent_since = order.silent_since or at
    order.asks = len(settings.PROVISIONING_ASK_AFTER) - 1
    return _decided(order, Decision.ASK_AGAIN, "ask_order_again", actor=actor, at=at, reason=reason)


@transaction.atomic
def settle_delivered(*, order: Order, actor: User, at: datetime, reason: str) -> Order:
    """Settle a charge that is still held although its package was delivered (R29).

    Raises NothingToSettle, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    order = Order.objects.select_for_update().get(pk=order.pk)
    require_unsettled(order)
    outcomes.settle(reference=order.reference, at=at)
    return _decided(order, Decision.MARK_DONE, "mark_order_done", actor=actor, at=at, reason=reason)


def require_unsettled(order: Order) -> None:
    """Raise NothingToSettle unless the package is delivered and its charge is held."""
    state = Charge.objects.values_list("state", flat=True).get(reference=order.reference)
    if (order.state, state) != (OrderState.DONE, ChargeState.HELD):
        raise NothingToSettle(reference=order.reference)


@transaction.atomic
def close_callback(
    *, kept: UnknownCallback, actor: User, at: datetime, reason: str
) -> UnknownCallback:
    """Close a callback for an unknown order, because somebody has examined it.

    `reason` says what they found. It moves no money. Raises CallbackClosed, ReasonMissing,
    AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    kept = UnknownCallback.objects.select_for_update().get(pk=kept.pk)
    require_open_callback(kept)
    kept.closed_at, kept.closed_by, kept.closed_reason = at, actor, reason.strip()
    kept.save()
    acts.record("close_callback", actor=actor, at=at, reason=reason, callback=kept.pk)
    return kept


def require_open_to_people(order: Order) -> None:
    """Raise NotForAPerson when the order does not wait for a person."""
    if order.state not in OPEN_TO_PEOPLE:
        raise NotForAPerson(reference=order.reference)


def require_open_callback(kept: UnknownCallback) -> None:
    """Raise CallbackClosed when somebody has closed it."""
    if kept.closed_at is not None:
        raise CallbackClosed


def _taken(order: Order, actor: User, at: datetime, reason: str) -> Order:
    """Return the row, locked. Raise NotForAPerson, ReasonMissing, AccountHeld."""
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    order = Order.objects.select_for_update().get(pk=order.pk)
    require_open_to_people(order)
    return order


def _decided(
    order: Order, decision: Decision, verb: str, *, actor: User, at: datetime, reason: str
) -> Order:
    order.attempt += 1  # an answer to the attempt before no longer counts
    order.mismatched = False  # a person has seen it (R36)
    order.save()
    OrderEvent.objects.create(
        order=order,
        at=at,
        kind=EventKind.ACT,
        attempt=order.attempt,
        word=decision,
        became=order.state,
        actor=actor,
        reason=reason.strip(),
    )
    acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=order.activation.contract.number,
        reason=reason,
        order=order.reference,
    )
    return order
