"""Cancel a mistake of the shop on the same day, by its manager."""

from datetime import datetime

from django.db import transaction

from klikon.desk.drafts import locked
from klikon.desk.models import Draft, DraftState
from klikon.leader import leadership
from klikon.leader.refusals import NobodyLeads
from klikon.models import Activation
from superfamilja.accounts.models import User
from superfamilja.values.shop_day import day_of


def is_open_to(draft: Draft, at: datetime) -> bool:
    """Return whether a leadership of today is in place that can be cancelled."""
    return bool(
        draft.declaration
        and draft.done_at
        and day_of(draft.done_at) == day_of(at)
        and draft.declaration.assignment.ended_at is None
    )


def spent_by(draft: Draft) -> list[Activation]:
    """Return what this Declaration's Mobile Leader activated; it stays billed until credited."""
    if draft.declaration is None:
        return []
    assignment = draft.declaration.assignment
    theirs = Activation.objects.filter(
        contract_id=draft.contract_id,
        leader_id=assignment.member_id,
        accepted_at__gte=assignment.assigned_at,
    )
    if assignment.ended_at:
        theirs = theirs.filter(accepted_at__lte=assignment.ended_at)
    return list(theirs.select_related("member", "package", "charge").order_by("accepted_at"))


@transaction.atomic
def cancel(*, draft: Draft, actor: User, at: datetime, reason: str) -> None:
    """End what the Declaration of this request began today.

    The paper stays in the folder with the others. Raises what leadership.cancel raises, and
    NoLeader when it began nothing.
    """
    draft = locked(draft)
    if draft.state != DraftState.DONE or draft.declaration is None:
        raise NobodyLeads
    leadership.cancel(assignment=draft.declaration.assignment, at=at, actor=actor, reason=reason)
    # The next day end shows it, even if this day's is signed already.
    draft.touch(actor, at)
    draft.save()
