"""The leadership as it stands: locked, read, and what is done to it written down (R4).

Every verb takes the group's row FOR UPDATE: an activation on its way sees the leader before or
the leader after. Timestamps follow lock order, even if the clock of a caller is behind.
"""

from datetime import datetime

from django.utils.translation import gettext_noop

from groups.membership import lock_group
from groups.models import Group
from klikon.leader.refusals import NoLeader
from klikon.models import LeaderAssignment
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.audit.models import Act
from superfamilja.data.history import not_before

# Why the Fixed Leader's own pages stop or revoke. The screens translate it.
ONLINE = gettext_noop("asked for online by the Fixed Leader")


def require_standing(assignment: LeaderAssignment) -> LeaderAssignment:
    """Return the leadership as it stands now, stopped or not. Raise NoLeader when it has ended."""
    standing = LeaderAssignment.objects.standing().select_related("member", "declaration")
    leader = standing.filter(pk=assignment.pk).first()
    if leader is None:
        raise NoLeader(name=assignment.member.name)
    return leader


def lock_leadership(assignment: LeaderAssignment) -> tuple[Group, LeaderAssignment]:
    """Lock the group's row, then return it with the current leadership. Raise NoLeader."""
    group = lock_group(assignment.group_id)
    return group, require_standing(assignment)


def after_history(at: datetime, group: Group) -> datetime:
    """Return `at`, or the newest moment in the group's history of leaders if that is later."""
    history = LeaderAssignment.objects.filter(group=group)
    moments = ("assigned_at", "ended_at", "freezes__frozen_at", "freezes__ended_at")
    return not_before(at, history, *moments)


def record(
    verb: str,
    group: Group,
    leader: LeaderAssignment,
    *,
    at: datetime,
    actor: User | None,
    reason: str,
    **details: str,
) -> Act:
    """Write down what was done to this leadership, and return the act."""
    return acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=group.contract.number,
        reason=reason,
        member=leader.member_id,
        **details,
    )
