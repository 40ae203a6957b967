"""Name, stop and end the Mobile Leader, who may activate (R3, R4, R26).

Every verb takes the group's row FOR UPDATE: an activation on its way sees the leader before or
the leader after. Rows are only added and ended. Timestamps follow lock order, even if the
clock of a caller is behind.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from groups import contact_hold
from groups.membership import NotAMember, lock_group, require_open
from groups.models import Contract, Group, Membership
from groups.proof import (
    ConfirmInAShop,
    PayerSession,
    Proof,
    ProofOfAnother,
    code_about,
    recorded,
    require_loosening,
    require_tightening,
)
from klikon.leader import messages
from klikon.models import (
    Declaration,
    DeclarationChannel,
    FreezeCause,
    LeaderAssignment,
    LeaderFreeze,
    NumberChange,
)
from superfamilja.accounts.models import Store, User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.audit.models import Act
from superfamilja.customers.models import Account
from superfamilja.data.history import not_before
from superfamilja.refusal import Refusal
from superfamilja.values import phone, texts
from superfamilja.values.shop_day import day_of

# Why an assignment or a freeze ended. The screens translate these texts.
REPLACED = gettext_noop("replaced by a new Declaration")
REVOKED = gettext_noop("revoked by the Fixed Leader")
GIVEN_BACK = gettext_noop("given back by the Mobile Leader")
CANCELLED = gettext_noop("cancelled as a mistake of the shop")
ONLINE = gettext_noop("asked for online by the Fixed Leader")
STOPPED_ANEW = gettext_noop("a newer stop took its place")


class AlreadyTheLeader(Refusal):
    rule = "R4"
    code = "already_the_leader"
    sentence = gettext_noop("%(name)s already is the Mobile Leader of this group.")


class NoLeader(Refusal):
    rule = "R4"
    code = "no_leader"
    sentence = gettext_noop(
        "%(name)s is no longer the Mobile Leader of this group. Look at the contract again."
    )


class NobodyLeads(Refusal):
    rule = "R4"
    code = "nobody_leads"
    sentence = gettext_noop("This group has no Mobile Leader.")


class NobodyToLead(Refusal):
    rule = "R3"
    code = "nobody_to_lead"
    sentence = gettext_noop("The group has no members yet: add the member who is to lead first.")


class AlreadyFrozen(Refusal):
    rule = "R4"
    code = "already_frozen"
    sentence = gettext_noop("Activations by %(name)s are stopped already.")


class NotFrozen(Refusal):
    rule = "R4"
    code = "not_frozen"
    sentence = gettext_noop("Activations by %(name)s are not stopped.")


class AlreadyTold(Refusal):
    rule = "R26"
    code = "change_already_told"
    sentence = gettext_noop(
        "This change of the number was told before and stops nobody any more. If the CRM shows a "
        "newer one, write when that happened."
    )


class NotToday(Refusal):
    rule = "R4"
    code = "declaration_not_of_today"
    sentence = gettext_noop(
        "Only a Declaration of a shop and of today can be cancelled. The Fixed Leader revokes an "
        "older one."
    )


class EvidenceMissing(Refusal):
    rule = "R3"
    code = "evidence_missing"
    sentence = gettext_noop(
        "Write who signed and what shows it: the number of the signed form, or the online "
        "confirmation."
    )


@transaction.atomic
def assign(
    *,
    member: Membership,
    channel: DeclarationChannel,
    signatory_name: str,
    evidence: str,
    proof: Proof | None,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
    number: int | None = None,
    store: Store | None = None,
    by_letter: bool = False,
) -> LeaderAssignment:
    """Name a current member as Mobile Leader, by the Fixed Leader's Declaration.

    A new Declaration ends the one before and its freeze; both stay in the history (R4). `proof`
    decides (R30), and `evidence` describes the Declaration in words. `number` is the number printed
    on the signed paper, and `store` the shop where it was signed. `by_letter` means that the payer
    has no working phone. Within 30 days of a contact mobile that no code proved, the number before
    it gets an SMS and the payer a letter (R31).
    Raise the refusals of groups.proof, GroupClosed, NotAMember, AlreadyTheLeader, EvidenceMissing
    or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    if not (evidence.strip() and texts.clean(signatory_name)):
        raise EvidenceMissing
    group = lock_group(member.group_id)
    current = require_nameable(group, member)
    # Online no other code names anybody than the one that was sent for this member.
    sent_for = code_about(current) if channel == DeclarationChannel.ONLINE else ""
    contract = require_loosening(
        proof, group.contract, acts=("name_leader",), at=at, sent_for=sent_for
    )
    code = _unused(proof, contract)
    told_before = contact_hold.numbers_before(contract, at)
    former = (
        LeaderAssignment.objects.select_related("member").filter(group=group, ended_at=None).first()
    )
    at = _not_before(at, group)
    declaration = Declaration.objects.create(
        pk=number,
        contract=group.contract,
        group=group,
        member=current,
        channel=channel,
        signatory_name=texts.clean(signatory_name),
        evidence=evidence.strip(),
        declared_at=at,
        recorded_by=actor,
        store=store,
        by_letter=by_letter or bool(told_before),
    )
    before = None
    if former:
        before = _end(former, at=at, actor=actor, why=REPLACED, evidence=declaration.reference)
    assignment = LeaderAssignment.objects.create(
        group=group, member=current, declaration=declaration, assigned_at=at
    )
    acts.record(
        "assign_leader",
        actor=actor,
        at=at,
        contract_number=group.contract.number,
        reason=reason,
        declaration=declaration.reference,
        member=current.pk,
        **recorded(proof),
        **code,
    )
    messages.named(group, assignment, former, before, at)
    messages.told_before(group, assignment, told_before, at)
    return assignment


@transaction.atomic
def revoke(
    *,
    assignment: LeaderAssignment,
    at: datetime,
    proof: Proof | None = None,
    actor: User | None = None,
    reason: str = "",
) -> LeaderAssignment:
    """End the leadership and its freeze at the Fixed Leader's word.

    Nobody may activate until a new Declaration.
    Raise the refusals of groups.proof, NoLeader or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group, leader = _lock(assignment)
    require_tightening(proof, group.contract)
    at = _not_before(at, group)
    before = _end(leader, at=at, actor=actor, why=REVOKED, evidence=REVOKED)
    words = recorded(proof)
    _record("revoke_leader", group, leader, at=at, actor=actor, reason=reason, **words)
    messages.revoked(group, leader, before, at)
    return leader


@transaction.atomic
def cancel(
    *, assignment: LeaderAssignment, at: datetime, actor: User, reason: str
) -> LeaderAssignment:
    """End a leadership that a shop recorded by mistake, on the same day.

    Charges made meanwhile stay billed until somebody gives a credit. The leader before does not
    come back automatically, because that takes the Fixed Leader's word.
    Raise NoLeader, NotToday, ReasonMissing or AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)  # R35
    group, leader = _lock(assignment)
    declaration = leader.declaration
    of_a_store = declaration.channel == DeclarationChannel.STORE
    if not of_a_store or day_of(declaration.declared_at) != day_of(at):
        raise NotToday
    at = _not_before(at, group)
    before = _end(leader, at=at, actor=actor, why=CANCELLED, evidence=CANCELLED)
    _record("cancel_declaration", group, leader, at=at, actor=actor, reason=reason)
    messages.revoked(group, leader, before, at)
    return leader


@transaction.atomic
def give_back(*, assignment: LeaderAssignment, at: datetime) -> LeaderAssignment:
    """End the leadership because the Mobile Leader declines it or gives it back.

    Raise NoLeader.
    """
    group, leader = _lock(assignment)
    at = _not_before(at, group)
    before = _end(leader, at=at, actor=None, why=GIVEN_BACK, evidence=GIVEN_BACK)
    _record("give_back_leadership", group, leader, at=at, actor=None, reason="")
    messages.given_back(group, leader, before, at)
    return leader


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
    group, leader = _lock(assignment)
    require_unfrozen(leader)
    require_tightening(proof, group.contract)
    at = _not_before(at, group)
    frozen = _freeze(leader, FreezeCause.FIXED_LEADER, at=at, actor=actor, reason=reason)
    _record(
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
    group, leader = _lock(assignment)
    frozen = require_frozen(leader)
    contract = require_loosening(proof, group.contract, acts=("unfreeze_leader",), at=at)
    _require_another_phone(proof, frozen, contract)
    at = _not_before(at, group)
    evidence = evidence.strip() or _shown_online(proof, frozen)
    _end_freeze(frozen, at=at, actor=actor, evidence=evidence or None)
    _record(
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
    at = _not_before(at, group)
    before = leader.standing_freeze()
    if before and before.cause == cause:
        return _led_to(told, before)
    if before:
        _end_freeze(before, at=at, actor=actor, evidence=STOPPED_ANEW)
    frozen = _led_to(told, _freeze(leader, cause, at=at, actor=actor, reason=reason))
    _record(
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


def require_nameable(group: Group, member: Membership) -> Membership:
    """Return the member as they stand now. Raise what `assign` refuses, whatever the proof:
    GroupClosed, NotAMember, AlreadyTheLeader."""
    require_open(group)
    current = group.memberships.current().filter(pk=member.pk).first()
    if current is None:
        raise NotAMember
    if LeaderAssignment.objects.in_force().filter(group=group, member=current).exists():
        raise AlreadyTheLeader(name=current.name)
    return current


def _require_another_phone(proof: Proof | None, frozen: LeaderFreeze, contract: Contract) -> None:
    """Raise ConfirmInAShop when the number that changed hands is the one that signs in (R26)."""
    by_the_crm = frozen.cause != FreezeCause.FIXED_LEADER
    is_the_payers = frozen.assignment.member.msisdn == contract.contact_msisdn
    if isinstance(proof, PayerSession) and by_the_crm and is_the_payers:
        raise ConfirmInAShop


def _shown_online(proof: Proof | None, frozen: LeaderFreeze) -> str:
    """Return what shows the payer's confirmation (R26), where the session itself does."""
    by_the_crm = frozen.cause != FreezeCause.FIXED_LEADER
    return ONLINE if by_the_crm and isinstance(proof, PayerSession) else ""


def _unused(proof: Proof | None, contract: Contract) -> dict[str, int]:
    """Return what the trail keeps of a session's code. Raise ProofOfAnother when it has named
    somebody before: each naming takes a code of its own."""
    if not isinstance(proof, PayerSession):
        return {}
    named = Act.objects.filter(contract_number=contract.number, verb="assign_leader")
    if named.filter(details__code=proof.code).exists():
        raise ProofOfAnother
    return {"code": proof.code}


def require_standing(assignment: LeaderAssignment) -> LeaderAssignment:
    """Return the leadership as it stands now, stopped or not. Raise NoLeader when it has ended."""
    standing = LeaderAssignment.objects.standing().select_related("member", "declaration")
    leader = standing.filter(pk=assignment.pk).first()
    if leader is None:
        raise NoLeader(name=assignment.member.name)
    return leader


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


def _led_to(told: NumberChange, frozen: LeaderFreeze) -> LeaderFreeze:
    told.freeze = frozen
    told.save(update_fields=["freeze"])
    return frozen


def _lock(assignment: LeaderAssignment) -> tuple[Group, LeaderAssignment]:
    """Lock the group's row, then return it with the current leadership. Raise NoLeader."""
    group = lock_group(assignment.group_id)
    return group, require_standing(assignment)


def _not_before(at: datetime, group: Group) -> datetime:
    history = LeaderAssignment.objects.filter(group=group)
    moments = ("assigned_at", "ended_at", "freezes__frozen_at", "freezes__ended_at")
    return not_before(at, history, *moments)


def _freeze(
    leader: LeaderAssignment, cause: FreezeCause, *, at: datetime, actor: User | None, reason: str
) -> LeaderFreeze:
    return LeaderFreeze.objects.create(
        assignment=leader, cause=cause, frozen_at=at, reason=reason.strip(), frozen_by=actor
    )


def _end(
    leader: LeaderAssignment, *, at: datetime, actor: User | None, why: str, evidence: str
) -> LeaderFreeze | None:
    """End a leadership and its freeze. Return that freeze, or None."""
    frozen = leader.standing_freeze()
    if frozen:
        _end_freeze(frozen, at=at, actor=actor, evidence=evidence)
    leader.ended_at, leader.ended_reason = at, why
    leader.save(update_fields=["ended_at", "ended_reason"])
    return frozen


def _end_freeze(
    frozen: LeaderFreeze, *, at: datetime, actor: User | None, evidence: str | None
) -> None:
    frozen.ended_at, frozen.ended_by, frozen.ended_evidence = at, actor, evidence
    frozen.save(update_fields=["ended_at", "ended_by", "ended_evidence"])


def _record(
    verb: str,
    group: Group,
    leader: LeaderAssignment,
    *,
    at: datetime,
    actor: User | None,
    reason: str,
    **details: str,
) -> None:
    acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=group.contract.number,
        reason=reason,
        member=leader.member_id,
        **details,
    )
