"""R28: a request ends at its deadline, whatever happens later that day."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from groups import membership
from klikon.activation import refusals
from klikon.leader import freezes, leadership
from klikon.models import LeaderAssignment, Outcome, WaitingRequest
from klikon.payer import asking
from superfamilja.messages.models import OutgoingMessage
from superfamilja.values.months import local_date
from tests.factories import at
from tests.klikon.asking.requests import OVER, answer, waiting

pytestmark = pytest.mark.django_db

SAME_DAY = at("2026-11-06 18:00")  # the day of the deadline, which is 14:05
JUST_BEFORE = at("2026-11-06 14:04")

Change = Callable[[LeaderAssignment, datetime], Any]


def member_left(leader: LeaderAssignment, moment: datetime) -> None:
    membership.remove_member(membership=leader.group.memberships.get(seat=2), at=moment)


def leader_left(leader: LeaderAssignment, moment: datetime) -> None:
    membership.remove_member(membership=leader.member, at=moment)


def group_closed(leader: LeaderAssignment, moment: datetime) -> None:
    membership.close_group(group=leader.group, at=moment)


def revoked(leader: LeaderAssignment, moment: datetime) -> None:
    leadership.revoke(assignment=leader, at=moment)


def frozen(leader: LeaderAssignment, moment: datetime) -> None:
    freezes.freeze(assignment=leader, at=moment)


CHANGES = [member_left, leader_left, group_closed, revoked, frozen]


def told_that_it_expired() -> int:
    return OutgoingMessage.objects.filter(template="request_expired").count()


def state(row: WaitingRequest, moment: datetime) -> Outcome | None:
    return WaitingRequest.objects.get(pk=row.pk).state(moment)


@pytest.mark.parametrize("change", CHANGES)
def test_r28_what_changes_after_the_deadline_cancels_nothing(
    leader: LeaderAssignment, change: Change
) -> None:
    row = waiting(leader)
    change(leader, SAME_DAY)
    assert state(row, SAME_DAY) == Outcome.EXPIRED
    with pytest.raises(refusals.NotApprovedInTime):
        asking.approve(waiting=row, at=SAME_DAY)
    assert told_that_it_expired() == 1


def _cancelled_on_the_day(waiting: WaitingRequest) -> bool:
    last_day = local_date(waiting.expires_at)
    return waiting.member.left_on is not None and waiting.member.left_on <= last_day


def test_control_judged_by_the_day_the_expired_request_is_called_cancelled(
    leader: LeaderAssignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the guard off."""
    row = waiting(leader)
    member_left(leader, SAME_DAY)
    monkeypatch.setattr(WaitingRequest, "_cancelled", _cancelled_on_the_day)
    assert state(row, SAME_DAY) == Outcome.CANCELLED


@pytest.mark.parametrize("change", CHANGES)
def test_r28_what_changes_before_the_deadline_cancels_whoever_looks_when(
    leader: LeaderAssignment, change: Change
) -> None:
    row = waiting(leader)
    change(leader, JUST_BEFORE)
    assert state(row, SAME_DAY) == Outcome.CANCELLED
    assert asking.record_what_time_has_ended(SAME_DAY) == 1
    assert told_that_it_expired() == 0


@pytest.mark.parametrize("change", CHANGES)
def test_r21_r28_a_key_that_heard_of_the_expiry_hears_it_again(
    leader: LeaderAssignment, change: Change
) -> None:
    waiting(leader)
    before = answer(leader, moment=OVER)
    change(leader, SAME_DAY)
    assert (before, answer(leader, moment=SAME_DAY)) == ("not_approved_in_time",) * 2
    assert told_that_it_expired() == 1


def test_r28_whoever_looks_first_writes_the_expiry_down(leader: LeaderAssignment) -> None:
    """A simultaneous removal with an older clock can no longer change the answer."""
    row = waiting(leader)
    assert answer(leader, moment=OVER) == "not_approved_in_time"
    row.refresh_from_db()
    assert (row.outcome, row.ended_at) == (Outcome.EXPIRED, OVER)
    member_left(leader, JUST_BEFORE)
    assert answer(leader, moment=SAME_DAY) == "not_approved_in_time"
    assert (asking.record_what_time_has_ended(SAME_DAY), told_that_it_expired()) == (0, 1)


def test_r28_a_no_after_the_deadline_is_too_late(leader: LeaderAssignment) -> None:
    row = waiting(leader)
    with pytest.raises(asking.NotWaiting):
        asking.decline(waiting=row, at=OVER)
    assert state(row, OVER) == Outcome.EXPIRED
