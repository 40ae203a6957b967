"""Apply an answer to an order and its charge, in whatever way and however often it comes.

The charge is the one truth: it moves once, from held to settled or reversed. An answer that agrees
changes nothing more; one that disagrees is for a person. The caller holds the order's row. Lock
order: order, months, charge, entry (docs/adr/0009).
"""

from datetime import datetime

from billing import outcomes
from billing.models import Charge, ChargeState
from klikon.provisioning import told
from klikon.provisioning.answers import Answer, Failure, Mismatch, Word
from klikon.provisioning.line import breaker, schedule
from klikon.provisioning.models import ENDED, EventKind, Order, OrderEvent, OrderState

OUTCOMES = {Word.DONE, Word.FAILED}


def apply(
    order: Order,
    answer: Answer,
    *,
    at: datetime,
    kind: EventKind = EventKind.ANSWER,
    message_id: str = "",
) -> None:
    """Apply the answer and record it, in the caller's transaction.

    R36: an answer about another number or package is for a person, and so are all later ones:
    nothing settles or reverses until somebody has decided.
    """
    if mismatch_of(order, answer):
        order.mismatched = True
        for_a_person(order)
    elif not order.mismatched:
        _TAKE_OVER[answer.word](order, answer, at)
    order.save()
    OrderEvent.objects.create(
        order=order,
        at=at,
        kind=kind,
        attempt=order.attempt,
        became=order.state,
        message_id=message_id,
        **written_down(order, answer),
    )


def mismatch_of(order: Order, answer: Answer) -> Mismatch | None:
    """Return why the answer says nothing about this order; None when it does, or is no outcome."""
    mismatch = answer.about.mismatch(order.ordered)
    if mismatch == Mismatch.BARE and answer.word not in OUTCOMES:
        return None
    return mismatch


def written_down(order: Order, answer: Answer) -> dict[str, str]:
    """Return what the history keeps of an answer: its subject only if it differs from ours."""
    said = {"word": answer.word, "code": answer.code[:40]}
    mismatch, about = mismatch_of(order, answer), answer.about
    if mismatch is None:
        return said
    return {
        **said,
        "mismatch": mismatch,
        "said_reference": about.reference,
        "said_msisdn": about.msisdn,
        "said_package": about.package,
    }


def _done(order: Order, answer: Answer, at: datetime) -> None:
    """Settle the charge."""
    try:
        outcomes.settle(reference=order.reference, at=at)
    except outcomes.AlreadyReversed:  # delivered without a charge
        for_a_person(order)
        return
    _ended(order, OrderState.DONE, answer, at)


def _failed(order: Order, answer: Answer, at: datetime) -> None:
    """R13: reverse the charge whole, and tell those who heard of it."""
    state = Charge.objects.values_list("state", flat=True).get(reference=order.reference)
    if state == ChargeState.SETTLED:
        for_a_person(order)
        return
    outcomes.reverse(reference=order.reference, at=at, reason=str(Failure(answer.code).label))
    if state == ChargeState.HELD:
        told.tell_reversed(order.activation, at=at)
    _ended(order, OrderState.FAILED, answer, at)


def _ended(order: Order, state: OrderState, answer: Answer, at: datetime) -> None:
    """Ask once more after either outcome, because some systems forget or contradict themselves."""
    if answer.asked:
        order.next_at = None
    elif order.state != state:
        order.next_at = at + schedule.confirm()
    order.state, order.silent_since, order.asks = state, None, 0


def _later(order: Order, answer: Answer, at: datetime) -> None:
    """Try again at growing intervals, for a day, because it was not accepted."""
    order.tries += 1
    if not answer.asked:
        order.maybe_sent = False
    wait = schedule.try_again(order.tries)
    if breaker.is_down(at):
        # Keep at least one order due at the next probe; otherwise the breaker never closes, if this
        # is the only one that waits.
        wait = min(wait, schedule.probe())
    order.next_at = at + (answer.wait or wait)
    if at - (order.silent_since or order.ordered_at) > schedule.PATIENCE:
        _nobody_answers(order)


def _silent(order: Order, answer: Answer, at: datetime) -> None:
    """Ask by the order's reference, and in the end a person, because the outcome is unknown."""
    if answer.asked and order.silent_since:
        order.asks += 1
    order.silent_since = order.silent_since or at
    again = schedule.ask_next(order.silent_since, order.asks)
    if again is None:
        _nobody_answers(order)
        return
    order.next_at = max(again, at)
    if order.state not in ENDED:
        order.state = OrderState.UNKNOWN


def _never_heard(order: Order, answer: Answer, at: datetime) -> None:
    """Send again at once, within a limit: it never arrived, or was forgotten after a yes."""
    order.maybe_sent, order.next_at = False, at
    if order.state == OrderState.FAILED:  # as it should be, because it failed
        order.next_at = None
        return
    if order.state == OrderState.DONE:
        order.forgotten += 1
    elif order.silent_since:
        order.asks += 1
    order.state = OrderState.ORDERED
    if order.forgotten > schedule.FORGOTTEN_AT_MOST:
        for_a_person(order)


def _nobody_answers(order: Order) -> None:
    """Stop asking. An order with an outcome keeps it; a person decides on the others."""
    if order.state in ENDED:
        order.next_at = None
    else:
        for_a_person(order)


def for_a_person(order: Order) -> None:
    """Leave the order to a person; nothing more happens by itself."""
    order.state, order.next_at = OrderState.PERSON, None


_TAKE_OVER = {
    Word.DONE: _done,
    Word.FAILED: _failed,
    Word.TRY_LATER: _later,
    Word.PENDING: _silent,
    Word.SILENCE: _silent,
    Word.NEVER_HEARD: _never_heard,
}
