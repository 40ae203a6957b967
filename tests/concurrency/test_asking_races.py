"""Race the payer's answers against each other and against other changes (R28).

Each test turns its guard off to see the race happen.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest import mock

import pytest

from groups import membership
from klikon.activation import snapshot
from klikon.activation.activate import activate
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import freezes, leadership
from klikon.models import Activation, Channel, LeaderAssignment, Outcome, WaitingRequest
from klikon.payer import asking
from superfamilja.messages.models import OutgoingMessage
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race, seeing
from tests.factories import at, family_with_leader

pytestmark = pytest.mark.django_db(transaction=True)

NOW, LATER = at("2026-11-05 14:05"), at("2026-11-05 16:00")
# at this point every rule is checked; only writing follows
ACCEPTING = "billing.charges.post_charge"

Act = Callable[[], Any]


def asked(leader: LeaderAssignment, key: str = "1") -> Act:
    return partial(
        activate,
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package="S1000",
        at=NOW,
        channel=Channel.IVR,
        client=f"asking-race-{leader.pk}",
        key=key,
    )


@pytest.fixture
def row() -> WaitingRequest:
    leader = family_with_leader()[1]
    asking.set_ask_above(group=leader.group, above_lek=0, at=NOW)
    answer = asked(leader)()
    assert isinstance(answer, WaitingForTheFixedLeader)
    return WaitingRequest.objects.get(assignment=leader)


def approving(row: WaitingRequest) -> Act:
    return partial(asking.approve, waiting=row, at=LATER)


def declining(row: WaitingRequest) -> Act:
    return partial(asking.decline, waiting=row, at=LATER)


def charged(row: WaitingRequest) -> int:
    return Activation.objects.filter(contract=row.contract).count()


class TestTwoAnswersAtOnce:
    """The request's key is the first lock of both answers."""

    def test_r28_two_yeses_make_one_activation(self, row: WaitingRequest) -> None:
        with meeting_before("klikon.activation.snapshot.read"):
            assert race(approving(row), approving(row)) == {DONE: 2}
        assert charged(row) == 1

    def test_control_without_the_keys_lock_both_would_be_worked_on(
        self, row: WaitingRequest
    ) -> None:
        unlocked = snapshot._LOCK.replace("pg_advisory_xact_lock(%(key_lock)s", "concat(0")
        unlocked = unlocked.replace("NOT %(repeat_confirmed)s", "false")
        with (
            mock.patch.object(snapshot, "_LOCK", unlocked),
            meeting_before("klikon.activation.snapshot.read"),
            meeting_before(ACCEPTING),
        ):
            assert race(approving(row), approving(row)) == {DONE: 1, "IntegrityError": 1}
        assert charged(row) == 1  # then only the unique key prevents it

    def test_r28_a_no_that_comes_during_the_yes_waits_and_is_too_late(
        self, row: WaitingRequest
    ) -> None:
        with interrupted_by(declining(row), at=ACCEPTING) as declined:
            assert race(approving(row)) == {DONE: 1}
        assert declined.result() == {"not_waiting": 1}
        row.refresh_from_db()
        assert (row.outcome, charged(row)) == (Outcome.APPROVED, 1)

    def test_control_without_the_keys_lock_it_would_be_declined_and_charged(
        self, row: WaitingRequest
    ) -> None:
        with (
            mock.patch("klikon.activation.snapshot.lock_key"),
            interrupted_by(declining(row), at=ACCEPTING) as declined,
        ):
            assert race(approving(row)) == {DONE: 1}
        assert declined.result() == {DONE: 1}
        row.refresh_from_db()
        assert (row.outcome, charged(row)) == (Outcome.DECLINED, 1)


def freezing(leader: LeaderAssignment) -> Act:
    return partial(freezes.freeze, assignment=leader, at=LATER)


def revoking(leader: LeaderAssignment) -> Act:
    return partial(leadership.revoke, assignment=leader, at=LATER)


def removing(leader: LeaderAssignment) -> Act:
    return partial(membership.remove_member, membership=leader.member, at=LATER)


def closing(leader: LeaderAssignment) -> Act:
    return partial(membership.close_group, group=leader.group, at=LATER)


CHANGES = [freezing, revoking, removing, closing]


class TestTheYesAgainstAChange:
    def in_force_when_accepted(self, row: WaitingRequest, change: Act) -> bool:
        waits = WaitingRequest.objects.waiting(LATER).filter(pk=row.pk).exists
        with (
            seeing(waits, at=ACCEPTING) as seen,
            interrupted_by(change, at=ACCEPTING) as changed,
        ):
            assert race(approving(row)) == {DONE: 1}
        assert changed.result() == {DONE: 1}
        return bool(seen[0])

    @pytest.mark.parametrize("change", CHANGES)
    def test_r28_the_change_waits_until_the_activation_is_over(
        self, row: WaitingRequest, change: Callable[[LeaderAssignment], Act]
    ) -> None:
        assert self.in_force_when_accepted(row, change(row.assignment)) is True

    @pytest.mark.parametrize("change", CHANGES)
    def test_control_without_the_lock_what_is_cancelled_would_be_charged(
        self, row: WaitingRequest, change: Callable[[LeaderAssignment], Act]
    ) -> None:
        unlocked = snapshot._LOCK.replace("FOR SHARE OF g", "")
        with mock.patch.object(snapshot, "_LOCK", unlocked):
            assert self.in_force_when_accepted(row, change(row.assignment)) is False

    @pytest.mark.parametrize("change", CHANGES)
    def test_r28_a_yes_that_comes_during_the_change_is_too_late(
        self, row: WaitingRequest, change: Callable[[LeaderAssignment], Act]
    ) -> None:
        with interrupted_by(approving(row), at="superfamilja.audit.acts.record") as approved:
            assert race(change(row.assignment)) == {DONE: 1}
        assert approved.result() == {"request_cancelled": 1}
        assert charged(row) == 0


def test_r28_the_same_asked_twice_at_once_waits_once() -> None:
    leader = family_with_leader()[1]
    asking.set_ask_above(group=leader.group, above_lek=0, at=NOW)
    with meeting_before("klikon.activation.snapshot.read"):
        outcome = race(asked(leader, "1"), asked(leader, "2"))
    assert outcome == {"waiting_for_the_fixed_leader": 2}
    assert WaitingRequest.objects.filter(assignment=leader).count() == 1


JUST_BEFORE, OVER = at("2026-11-06 14:04"), at("2026-11-06 14:06")  # its deadline is 14:05


class TestTheDeadlineAgainstARemovalWithAnOlderClock:
    """R21, R28: a key that was told one end is never told another."""

    def answers(self, row: WaitingRequest) -> tuple[Counter[str], Counter[str]]:
        """Return what the key is told while the leader is being removed, and afterwards."""
        again = partial(asked(row.assignment), at=OVER)
        removal = partial(
            membership.remove_member, membership=row.assignment.member, at=JUST_BEFORE
        )
        with interrupted_by(removal, at="klikon.activation.waiting.answer") as removed:
            first = race(again)
        assert removed.result() == {DONE: 1}
        return first, race(again)

    def test_r28_who_looks_first_decides(self, row: WaitingRequest) -> None:
        first, afterwards = self.answers(row)
        assert first == afterwards == {"not_approved_in_time": 1}

    def test_control_unless_it_is_written_down_the_key_would_hear_two_answers(
        self, row: WaitingRequest
    ) -> None:
        with mock.patch("klikon.activation.waiting.settle", lambda waiting, _at: waiting):
            first, afterwards = self.answers(row)
        assert first == {"not_approved_in_time": 1}
        assert afterwards == {"request_cancelled": 1}

    def test_r28_a_removal_that_was_first_cancels_for_good(self, row: WaitingRequest) -> None:
        again = partial(asked(row.assignment), at=OVER)
        removal = partial(
            membership.remove_member, membership=row.assignment.member, at=JUST_BEFORE
        )
        with interrupted_by(again, at="superfamilja.audit.acts.record") as heard:
            assert race(removal) == {DONE: 1}
        assert heard.result() == race(again) == {"request_cancelled": 1}

    def test_r28_two_who_look_at_once_tell_of_the_expiry_once(self, row: WaitingRequest) -> None:
        looking = partial(asking.record_what_time_has_ended, OVER)
        again = partial(asked(row.assignment), at=OVER)
        with meeting_before("klikon.activation.waiting.end"):
            race(looking, again)
        told = OutgoingMessage.objects.filter(template="request_expired", about=row.reference)
        assert told.count() == 1
