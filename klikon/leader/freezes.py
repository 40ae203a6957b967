"""Stop the Mobile Leader, and allow them again: by the Fixed Leader's word, or the CRM's (R26)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from groups import contact_hold
from groups.membership import lock_group
from groups.models import Contract, Membership
from groups.proof import (
    ConfirmInAShop,
    PayerSession,
    Proof,
    recorded,
    require_loosening,
    require_tightening,
)
from klikon.leader import messages, standing
from klikon.leader.refusals import AlreadyFrozen, NotFrozen
from klikon.leader.standing import lock_leadership
from klikon.models import FreezeCause, LeaderAssignment, LeaderFreeze, NumberChange
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.customers.models import Account
from superfamilja.values import phone

# Why a freeze ended that another one replaced. The screens translate it.
STOPPED_ANEW = gettext_noop("a newer stop took its place")


@transaction.atomic
def freeze(
    *,
    assignment: LeaderAssignment,
    at: datetime,
    proof: Proof | None = None,
    actor: User | None = None,
    reason: str = "",
) -> LeaderFreeze:
    """Stop the Mobile Leader for a time, at the Fixed Leader's word.

    Raise the refusals of groups.proof, NoLeader, AlreadyFrozen or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group, leader = lock_leadership(assignment)
    require_unfrozen(leader)
    require_tightening(proof, group.contract)
    at = standing.after_history(at, group)
    frozen = _freeze(leader, FreezeCause.FIXED_LEADER, at=at, actor=actor, reason=reason)
    standing.record(
        "freeze_leader",
        group,
        leader,
        at=at,
        actor=actor,
        reason=reason,
        cause=frozen.cause,
        **recorded(proof),
    )
    messages.frozen(group, leader, frozen, at)
    return frozen


@transaction.atomic
def unfreeze(
    *,
    assignment: LeaderAssignment,
    proof: Proof | None,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
    evidence: str = "",
) -> LeaderFreeze:
    """Let a stopped Mobile Leader activate again, at the Fixed Leader's word.

    `proof` decides (R30), also when the CRM caused the stop (R26). `evidence` describes it.
    Raise the refusals of groups.proof, NoLeader, NotFrozen or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group, leader = lock_leadership(assignment)
    frozen = require_frozen(leader)
    contract = require_loosening(proof, group.contract, acts=("unfreeze_leader",), at=at)
    _require_another_phone(proof, frozen, contract)
    at = standing.after_history(at, group)
    evidence = evidence.strip() or _shown_online(proof, frozen)
    end_freeze(frozen, at=at, actor=actor, evidence=evidence or None)
    standing.record(
        "unfreeze_leader",
        group,
        leader,
        at=at,
        actor=actor,
        reason=reason,
        cause=frozen.cause,
        evidence=evidence,
        **recorded(proof),
    )
    messages.unfrozen(group, leader, frozen, at)
    before = contact_hold.numbers_before(contract, at)
    messages.told_before(group, leader, before, at, about=f"F-{frozen.pk}")
    return frozen


@transaction.atomic
def number_changed(
    *,
    msisdn: str,
    cause: FreezeCause,
    at: datetime,
    changed_at: datetime | None = None,
    actor: User | None = None,
    reason: str = "",
) -> LeaderFreeze | None:
    """Freeze the leader whose number (E.164) was ported, reassigned or SIM-swapped (R26).

    The CRM reports the change. The freeze lasts until the Fixed Leader confirms. Return the freeze,
    or None when the number leads no group. `changed_at` is the CRM's time of the change, or `at`.
    Number, cause and `changed_at` identify the event: when the CRM repeats it, return the freeze
    that it led to, even if it has ended, and change nothing. A new event with the cause of the
    current freeze returns that freeze.
    Raise ReasonMissing, or ValueError for a cause that is not the CRM's.
    """
    acts.require_reason(actor, reason)
    if cause == FreezeCause.FIXED_LEADER:
        raise ValueError("Only the Fixed Leader's own word has that cause: use freeze.")
    told, is_new = NumberChange.objects.get_or_create(
        msisdn=msisdn,
        cause=cause,
        changed_at=changed_at or at,
        defaults={"told_at": at, "told_by": actor},
    )
    if not is_new:
        return told.freeze
    member = Membership.objects.current().filter(msisdn=msisdn).first()
    group = lock_group(member.group_id) if member else None
    # After the group's row (ADR 0002). The number's current holder has to sign in.
    Account.end_sessions(msisdn)
    if group is None:
        return None
    leader = LeaderAssignment.objects.standing().filter(member=member).first()
    if leader is None:
        return None
    at = standing.after_history(at, group)
    before = leader.standing_freeze()
    if before and before.cause == cause:
        return _led_to(told, before)
    if before:
        end_freeze(before, at=at, actor=actor, evidence=STOPPED_ANEW)
    frozen = _led_to(told, _freeze(leader, cause, at=at, actor=actor, reason=reason))
    standing.record(
        "number_changed",
        group,
        leader,
        at=at,
        actor=actor,
        reason=reason,
        cause=cause,
        number=phone.masked(msisdn),
    )
    messages.frozen(group, leader, frozen, at)
    return frozen


def require_unfrozen(leader: LeaderAssignment) -> None:
    """Raise AlreadyFrozen when this leader is stopped."""
    if leader.standing_freeze():
        raise AlreadyFrozen(name=leader.member.name)


def require_frozen(leader: LeaderAssignment) -> LeaderFreeze:
    """Return the stop that stands. Raise NotFrozen when there is none."""
    frozen = leader.standing_freeze()
    if frozen is None:
        raise NotFrozen(name=leader.member.name)
    return frozen


def _require_another_phone(proof: Proof | None, frozen: LeaderFreeze, contract: Contract) -> None:
    """Raise ConfirmInAShop when the number that changed hands is the one that signs in (R26)."""
    by_the_crm = frozen.cause != FreezeCause.FIXED_LEADER
    is_the_payers = frozen.assignment.member.msisdn == contract.contact_msisdn
    if isinstance(proof, PayerSession) and by_the_crm and is_the_payers:
        raise ConfirmInAShop


def _shown_online(proof: Proof | None, frozen: LeaderFreeze) -> str:
    """Return what shows the payer's confirmation (R26), where the session itself does."""
    by_the_crm = frozen.cause != FreezeCause.FIXED_LEADER
    return standing.ONLINE if by_the_crm and isinstance(proof, PayerSession) else ""


def _led_to(told: NumberChange, frozen: LeaderFreeze) -> LeaderFreeze:
    told.freeze = frozen
    told.save(update_fields=["freeze"])
    return frozen


def _freeze(
    leader: LeaderAssignment, cause: FreezeCause, *, at: datetime, actor: User | None, reason: str
) -> LeaderFreeze:
    return LeaderFreeze.objects.create(
        assignment=leader, cause=cause, frozen_at=at, reason=reason.strip(), frozen_by=actor
    )


def end_freeze(
    frozen: LeaderFreeze, *, at: datetime, actor: User | None, evidence: str | None
) -> None:
    frozen.ended_at, frozen.ended_by, frozen.ended_evidence = at, actor, evidence
    frozen.save(update_fields=["ended_at", "ended_by", "ended_evidence"])
