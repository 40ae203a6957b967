"""End a halt: one person proposes it, another ends it, and a new epoch begins (R36).

klikon/comparison and the database itself check that the books were compared.
"""

from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.epoch import inside, outside, standing
from superfamilja.epoch.models import Halt, HaltReason
from superfamilja.epoch.outside import Outside
from superfamilja.messages.models import OutgoingMessage, State
from superfamilja.refusal import Refusal

GIVEN_UP = "before_restore"  # the error of an SMS that is not sent a second time


class NotHalted(Refusal):
    rule = "R36"
    code = "not_halted"
    sentence = gettext_noop("The database does not stand still: there is nothing to end.")


class EndNotProposed(Refusal):
    rule = "R36"
    code = "end_not_proposed"
    sentence = gettext_noop("Nobody has proposed to go on yet.")


class EndProposedAnew(Refusal):
    rule = "R36"
    code = "end_proposed_anew"
    sentence = gettext_noop("What was proposed has changed since you looked. Look at it again.")


class EndProposedByYourself(Refusal):
    rule = "R36"
    code = "end_proposed_by_yourself"
    sentence = gettext_noop("You proposed to go on, so a second person ends the standstill.")


class BegunBefore(Refusal):
    rule = "R36"
    code = "begun_before"
    sentence = gettext_noop(
        "Only a database that was in use before epochs were kept begins like this. This one stands "
        "still for another reason: compare the books."
    )


def open_halt() -> Halt | None:
    """Return the open halt, if there is one."""
    return Halt.objects.select_related("proposed_by").filter(ended_at=None).first()


def lock_halt() -> Halt:
    """Return the open halt, its row locked. Raise NotHalted."""
    halt = Halt.objects.select_for_update().filter(ended_at=None).first()
    if halt is None:
        raise NotHalted
    return halt


@transaction.atomic
def propose_end(*, actor: User, at: datetime, reason: str, send_waiting: bool) -> Halt:
    """Ask a second person to end the halt. Raises NotHalted, ReasonMissing, AccountHeld."""
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    halt = lock_halt()
    halt.proposed_by, halt.proposed_at, halt.reason = actor, at, reason.strip()
    halt.send_waiting = send_waiting
    halt.save(update_fields=["proposed_by", "proposed_at", "reason", "send_waiting"])
    acts.record("propose_end_of_halt", actor=actor, at=at, reason=reason, send_waiting=send_waiting)
    return halt


def end_halt(
    *, actor: User, at: datetime, reason: str, proposed_at: datetime | None = None
) -> Halt:
    """End the halt for the reason that another person gave.

    `proposed_at`, if given, must be the moment of that proposal. Raises NotHalted, EndNotProposed,
    EndProposedByYourself, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    known = _stand_in(outside.read(_place()))
    with transaction.atomic():
        holding.require_free(actor, at)
        halt = lock_halt()
        if halt.proposed_by_id is None:
            raise EndNotProposed
        if proposed_at is not None and halt.proposed_at != proposed_at:
            raise EndProposedAnew
        if halt.proposed_by_id == actor.pk:
            raise EndProposedByYourself
        _end(halt, actor, at, reason, known)
        _give_up_what_waited(halt)
    _carry_outside(known)
    return halt


def begin_here(*, actor: User, at: datetime, reason: str) -> Halt:
    """Begin the first epoch of a database that is older than epochs. It works once.

    A person confirms that this is the only database.

    Raises NotHalted, BegunBefore, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    known = _stand_in(outside.read(_place()))
    with transaction.atomic():
        holding.require_free(actor, at)
        halt = lock_halt()
        if halt.why != HaltReason.NEVER_BEGUN:
            raise BegunBefore
        _end(halt, actor, at, reason, known)
    _carry_outside(known)
    return halt


def _place() -> Path:
    if settings.EPOCH_FILE is None:
        raise NotHalted
    return settings.EPOCH_FILE


def _stand_in(known: Outside | None) -> Outside:
    """Make a mark where there is none, so that the new epoch can say what it follows."""
    if known is not None:
        return known
    made = Outside(epoch=uuid4().hex)
    outside.write(_place(), made, follows=None)
    return made


def _end(halt: Halt, actor: User, at: datetime, reason: str, known: Outside) -> None:
    halt.ended_at, halt.ended_by = at, actor
    halt.save(update_fields=["ended_at", "ended_by"])
    epoch = standing.begin_epoch(outside_before=known.epoch)
    acts.record(
        "end_halt",
        actor=actor,
        at=at,
        reason=reason,
        why=halt.why,
        epoch=str(epoch),
        send_waiting=halt.send_waiting,
    )


def _give_up_what_waited(halt: Halt) -> None:
    """R23: give up waiting SMS, because the restored ones were probably sent before.

    It runs in the transaction that ends the halt, after the end: until then the database lets
    nobody change the outbox.
    """
    if halt.send_waiting:
        return
    waiting = OutgoingMessage.objects.filter(pk__lte=halt.last_message, state=State.QUEUED)
    waiting.update(state=State.FAILED, last_error=GIVEN_UP)


def _carry_outside(known: Outside) -> None:
    """Write the new epoch outside, too; a look before that sees that it follows the old one."""
    said = inside.ask(0)
    if said is not None and said.halt is None:
        standing.make_mark(said, known, _place())
    standing.look()
