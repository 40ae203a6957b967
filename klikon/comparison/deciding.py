"""End each line by two people: one proposes, and another's confirmation carries it out."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from billing import outcomes
from klikon.comparison import charging, ending
from klikon.comparison.models import ComparedOrder, Difference, Ending
from klikon.comparison.refusals import (
    EndingNotPossible,
    LineEnded,
    LineNotProposed,
    LineProposedByYourself,
    LinesOpen,
    NotCompared,
    ProposalChanged,
)
from klikon.models import Activation
from klikon.provisioning import told
from klikon.provisioning.answers import Word
from klikon.provisioning.models import Decision, EventKind, Order, OrderEvent, OrderState
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.epoch.models import Halt


def endings_of(line: ComparedOrder) -> list[Ending]:
    """Return the possible endings of this line."""
    if line.difference == Difference.MISSING_HERE and line.state != Word.FAILED:
        return [Ending.CHARGED, Ending.GIVEN_BACK, Ending.ACCEPTED]
    return [Ending.GIVEN_BACK, Ending.ACCEPTED]


@transaction.atomic
def propose_ending(
    *, lines: Sequence[ComparedOrder], how: Ending, actor: User, at: datetime, reason: str
) -> int:
    """Ask a second person to end these lines so; return how many.

    A new proposal replaces the last one. Raises NotHalted, LineEnded, EndingNotPossible,
    NobodyToCharge, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    ending.lock_halt()
    for line in _locked(lines):
        if line.confirmed_at:
            raise LineEnded(reference=line.reference)
        if how not in endings_of(line):
            raise EndingNotPossible(reference=line.reference)
        if how == Ending.CHARGED:
            charging.sale_of(line)  # refuse now, and not only when the second person confirms
        line.ending, line.reason = how, reason.strip()
        line.proposed_at, line.proposed_by = at, actor
        line.save(update_fields=["ending", "reason", "proposed_at", "proposed_by"])
        _record("propose_ending", line, actor, at, reason)
    return len(lines)


@transaction.atomic
def confirm_ending(
    *, line: ComparedOrder, expected: Ending, actor: User, at: datetime, reason: str
) -> Activation | None:
    """Carry out another person's proposal, if it is still the one that this person has seen.

    Return the activation of a charge. Raises NotHalted, LineEnded, LineNotProposed,
    LineProposedByYourself, ProposalChanged, NobodyToCharge, MonthOver, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    ending.lock_halt()
    (line,) = _locked([line])
    _require_a_second_person(line, expected, actor)
    line.confirmed_at, line.confirmed_by, line.confirmed_in = at, actor, _transaction()
    line.save(update_fields=["confirmed_at", "confirmed_by", "confirmed_in"])
    made = None
    if line.ending == Ending.CHARGED:
        made = charging.charge_line(line, actor=actor, at=at, reason=line.reason)
    elif line.ending == Ending.GIVEN_BACK and line.difference != Difference.MISSING_HERE:
        _give_money_back(line, actor, at)
    _record("confirm_ending", line, actor, at, reason)
    return made


def end_standstill(
    *, actor: User, at: datetime, reason: str, proposed_at: str | None = None
) -> Halt:
    """Sell again, in a new epoch: every line has ended and a second person agrees.

    `proposed_at` is the moment of the proposal that this person was shown, as text. Raises
    NotHalted, NotCompared, LinesOpen, EndNotProposed, EndProposedByYourself, ProposalChanged,
    ReasonMissing.
    """
    halt = require_compared()
    if proposed_at is not None and proposed_at != str(halt.proposed_at):
        raise ProposalChanged
    # The proposal that was read must be the one that ends it, because lock_halt reads the row
    # again.
    return ending.end_halt(actor=actor, at=at, reason=reason, proposed_at=halt.proposed_at)


def require_compared() -> Halt:
    """Return the halt when its books are compared and no line is open.

    Raise NotHalted, NotCompared, LinesOpen.
    """
    halt = ending.open_halt()
    if halt is None:
        raise ending.NotHalted
    if not halt.comparisons.exists():
        raise NotCompared
    if number := ComparedOrder.objects.open().filter(halt=halt).count():
        raise LinesOpen(number=number)
    return halt


def _locked(lines: Sequence[ComparedOrder]) -> list[ComparedOrder]:
    return list(
        ComparedOrder.objects.select_for_update()
        .filter(pk__in=[line.pk for line in lines])
        .order_by("pk")
    )


def _require_a_second_person(line: ComparedOrder, expected: Ending, actor: User) -> None:
    if line.confirmed_at:
        raise LineEnded(reference=line.reference)
    if line.proposed_at is None:
        raise LineNotProposed
    if line.proposed_by_id == actor.pk:
        raise LineProposedByYourself
    if line.ending != expected:
        raise ProposalChanged


def _transaction() -> int:
    """Return this transaction's number; by it the database accepts its writes (migration 0002)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def _give_money_back(line: ComparedOrder, actor: User, at: datetime) -> None:
    """R13: reverse our charge whole, and tell everybody who heard of it once the halt ends."""
    order = Order.objects.select_for_update().get(activation_id=line.reference)
    outcomes.reverse(reference=line.reference, at=at, reason=line.reason, actor=actor)
    told.tell_reversed(order.activation, at=at)
    order.state, order.next_at = OrderState.FAILED, None
    order.attempt += 1
    # two people have decided about the answer that was about something else
    order.mismatched = False
    order.save(update_fields=["state", "next_at", "attempt", "mismatched"])
    OrderEvent.objects.create(
        order=order,
        at=at,
        kind=EventKind.ACT,
        attempt=order.attempt,
        word=Decision.REVERSE,
        became=order.state,
        actor=actor,
        reason=line.reason,
    )


def _record(verb: str, line: ComparedOrder, actor: User, at: datetime, reason: str) -> None:
    acts.record(
        verb,
        actor=actor,
        at=at,
        reason=reason,
        reference=line.reference,
        ending=line.ending,
        difference=line.difference,
    )
