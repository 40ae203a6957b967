"""Who may activate: the Fixed Leader names one Mobile Leader by a Declaration (R3, R4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from groups.membership import GroupClosed, NotAMember, lock_group
from groups.models import Membership
from klikon.models import Channel, Declaration, LeaderAssignment
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.refusal import Refusal


class AlreadyTheLeader(Refusal):
    rule = "R4"
    code = "already_the_leader"
    sentence = gettext_noop("%(name)s already is the Mobile Leader of this group.")


@transaction.atomic
def assign(
    *,
    member: Membership,
    channel: Channel,
    signatory_name: str,
    evidence: str,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
) -> LeaderAssignment:
    """Name a current member Mobile Leader by the Fixed Leader's Declaration.

    A new Declaration ends the one before (R4); what was stays in the history. `evidence` says
    what the Declaration is: the signed form's number, or the online confirmation.
    Raises GroupClosed, NotAMember, AlreadyTheLeader, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    # FOR UPDATE: an activation on its way sees the leader before or the leader after.
    group = lock_group(member.group_id)
    if group.closed_on is not None:
        raise GroupClosed
    current = group.memberships.current().filter(pk=member.pk).first()
    if current is None:
        raise NotAMember
    if LeaderAssignment.objects.in_force().filter(group=group, member=current).exists():
        raise AlreadyTheLeader(name=current.name)
    LeaderAssignment.objects.filter(group=group, ended_at=None).update(
        ended_at=at, ended_reason="replaced by a new Declaration"
    )
    declaration = Declaration.objects.create(
        contract=group.contract,
        group=group,
        member=current,
        channel=channel,
        signatory_name=signatory_name,
        evidence=evidence,
        declared_at=at,
        recorded_by=actor,
    )
    assignment = LeaderAssignment.objects.create(
        group=group, member=current, declaration=declaration, assigned_at=at
    )
    acts.record(
        "assign_leader", actor=actor, at=at, contract_number=group.contract.number, reason=reason,
        declaration=declaration.reference, member=current.pk,
    )  # fmt: skip
    return assignment
