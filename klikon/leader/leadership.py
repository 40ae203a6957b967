"""Name the Mobile Leader, and end the leadership: who may activate (R3, R4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from groups import contact_hold
from groups.membership import NotAMember, lock_group, require_open
from groups.models import Contract, Group, Membership
from groups.proof import (
    PayerSession,
    Proof,
    ProofOfAnother,
    code_about,
    in_words,
    recorded,
    require_loosening,
    require_tightening,
)
from klikon.leader import messages, standing
from klikon.leader.freezes import end_freeze
from klikon.leader.refusals import AlreadyTheLeader, NotToday, SignatoryMissing
from klikon.leader.standing import lock_leadership
from klikon.models import Declaration, DeclarationChannel, LeaderAssignment, LeaderFreeze
from superfamilja.accounts.models import Store, User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.audit.models import Act
from superfamilja.values import texts
from superfamilja.values.shop_day import day_of

# Why a leadership ended. The screens translate these texts.
REPLACED = gettext_noop("replaced by a new Declaration")
REVOKED = gettext_noop("revoked by the Fixed Leader")
GIVEN_BACK = gettext_noop("given back by the Mobile Leader")
CANCELLED = gettext_noop("cancelled as a mistake of the shop")


@transaction.atomic
def assign(
    *,
    member: Membership,
    channel: DeclarationChannel,
    signatory_name: str,
    proof: Proof | None,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
    evidence: str = "",
    number: int | None = None,
    store: Store | None = None,
    by_letter: bool = False,
) -> LeaderAssignment:
    """Name a current member as Mobile Leader, by the Fixed Leader's Declaration.

    A new Declaration ends the one before and its freeze; both stay in the history (R4). `proof`
    decides (R30), and the record says it in words, unless `evidence` says more. `number` is the
    number printed on the signed paper, and `store` the shop where it was signed. `by_letter` means
    that the payer has no working phone. Within 30 days of a contact mobile that no code proved, the
    number before it gets an SMS and the payer a letter (R31).
    Raise the refusals of groups.proof, GroupClosed, NotAMember, AlreadyTheLeader, SignatoryMissing
    or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    if not texts.clean(signatory_name):
        raise SignatoryMissing
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
    at = standing.after_history(at, group)
    declaration = Declaration.objects.create(
        pk=number,
        contract=group.contract,
        group=group,
        member=current,
        channel=channel,
        signatory_name=texts.clean(signatory_name),
        evidence=evidence.strip() or in_words(proof, contract),
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
    group, leader = lock_leadership(assignment)
    require_tightening(proof, group.contract)
    at = standing.after_history(at, group)
    before = _end(leader, at=at, actor=actor, why=REVOKED, evidence=REVOKED)
    words = recorded(proof)
    standing.record("revoke_leader", group, leader, at=at, actor=actor, reason=reason, **words)
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
    group, leader = lock_leadership(assignment)
    declaration = leader.declaration
    of_a_store = declaration.channel == DeclarationChannel.STORE
    if not of_a_store or day_of(declaration.declared_at) != day_of(at):
        raise NotToday
    at = standing.after_history(at, group)
    before = _end(leader, at=at, actor=actor, why=CANCELLED, evidence=CANCELLED)
    standing.record("cancel_declaration", group, leader, at=at, actor=actor, reason=reason)
    messages.revoked(group, leader, before, at)
    return leader


@transaction.atomic
def give_back(*, assignment: LeaderAssignment, at: datetime) -> LeaderAssignment:
    """End the leadership because the Mobile Leader declines it or gives it back.

    Raise NoLeader.
    """
    group, leader = lock_leadership(assignment)
    at = standing.after_history(at, group)
    before = _end(leader, at=at, actor=None, why=GIVEN_BACK, evidence=GIVEN_BACK)
    standing.record("give_back_leadership", group, leader, at=at, actor=None, reason="")
    messages.given_back(group, leader, before, at)
    return leader


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


def _unused(proof: Proof | None, contract: Contract) -> dict[str, int]:
    """Return what the trail keeps of a session's code. Raise ProofOfAnother when it has named
    somebody before: each naming takes a code of its own."""
    if not isinstance(proof, PayerSession):
        return {}
    named = Act.objects.filter(contract_number=contract.number, verb="assign_leader")
    if named.filter(details__code=proof.code).exists():
        raise ProofOfAnother
    return {"code": proof.code}


def _end(
    leader: LeaderAssignment, *, at: datetime, actor: User | None, why: str, evidence: str
) -> LeaderFreeze | None:
    """End a leadership and its freeze. Return that freeze, or None."""
    frozen = leader.standing_freeze()
    if frozen:
        end_freeze(frozen, at=at, actor=actor, evidence=evidence)
    leader.ended_at, leader.ended_reason = at, why
    leader.save(update_fields=["ended_at", "ended_reason"])
    return frozen
