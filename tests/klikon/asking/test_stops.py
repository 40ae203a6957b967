"""R28: a waiting request ends by a stop of its own leader that comes after it, and by no other."""

import pytest

from klikon.activation.activate import activate
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import freezes
from klikon.models import Channel, LeaderAssignment, WaitingRequest
from klikon.payer import asking
from tests.factories import family_with_leader
from tests.klikon.asking.requests import LATER, NOW, waiting
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db


def stopped_and_allowed(leader: LeaderAssignment) -> None:
    freezes.freeze(assignment=leader, at=NOW)
    freezes.unfreeze(proof=payers_word(leader.group.contract, NOW), assignment=leader, at=NOW)


def test_r28_stops_that_were_over_before_the_request_end_nothing(
    leader: LeaderAssignment,
) -> None:
    stopped_and_allowed(leader)
    stopped_and_allowed(leader)
    row = waiting(leader)
    assert row.last_stop_id == leader.freezes.latest("pk").pk
    assert asking.approve(waiting=row, at=LATER).charged_lek == 800


def test_r28_who_was_never_stopped_has_no_last_stop(leader: LeaderAssignment) -> None:
    stopped_and_allowed(family_with_leader()[1])
    assert waiting(leader).last_stop_id == 0


def test_r28_a_stop_of_another_familys_leader_ends_nothing_here(
    leader: LeaderAssignment,
) -> None:
    waiting(leader)
    freezes.freeze(assignment=family_with_leader()[1], at=LATER)
    waiting(leader, key="2", moment=LATER)
    assert WaitingRequest.objects.count() == 1


def test_r28_another_member_waits_beside_it(leader: LeaderAssignment) -> None:
    first = waiting(leader)
    answer = activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package="S1000",
        at=NOW,
        channel=Channel.IVR,
        client="test",
        key="2",
    )
    assert isinstance(answer, WaitingForTheFixedLeader)
    second = WaitingRequest.objects.latest("pk")
    assert (second.pk > first.pk, second.member) == (True, leader.member)
