"""R28: the request's conditions have changed, so the yes comes too late."""

from typing import Any

import pytest

from billing.models import Charge
from groups import membership
from groups.models import Contract, ContractStatus
from klikon.activation import refusals
from klikon.leader import freezes, leadership
from klikon.models import (
    DeclarationChannel,
    LeaderAssignment,
    Outcome,
    WaitingRequest,
)
from klikon.payer import asking
from tests.factories import family_with_leader
from tests.klikon.asking.requests import LATER, NOW, answer, waiting
from tests.proofs import naming_word, payers_word

pytestmark = pytest.mark.django_db


def revoked(leader: LeaderAssignment) -> None:
    leadership.revoke(assignment=leader, at=LATER)


def frozen(leader: LeaderAssignment) -> None:
    freezes.freeze(assignment=leader, at=LATER)


def frozen_and_allowed_again(leader: LeaderAssignment) -> None:
    freezes.freeze(assignment=leader, at=NOW)
    freezes.unfreeze(proof=payers_word(leader.group.contract, NOW), assignment=leader, at=NOW)


def another_named(leader: LeaderAssignment) -> None:
    leadership.assign(
        proof=naming_word(leader.group.memberships.get(seat=3), LATER),
        member=leader.group.memberships.get(seat=3),
        channel=DeclarationChannel.ONLINE,
        signatory_name="Drita",
        evidence="online",
        at=LATER,
    )


def leader_left_and_leads_another_family(leader: LeaderAssignment) -> None:
    membership.remove_member(membership=leader.member, at=LATER)
    other = family_with_leader(members=2)[0]
    moved = membership.add_member(
        group=other, msisdn=leader.member.msisdn, name="Elira", plan="standard_prepaid", at=LATER
    )
    leadership.assign(
        proof=naming_word(moved, LATER),
        member=moved,
        channel=DeclarationChannel.ONLINE,
        signatory_name="Drita",
        evidence="online",
        at=LATER,
    )


def member_left(leader: LeaderAssignment) -> None:
    membership.remove_member(membership=leader.group.memberships.get(seat=2), at=LATER)


def group_closed(leader: LeaderAssignment) -> None:
    membership.close_group(group=leader.group, at=LATER)


CANCELS = [
    revoked,
    frozen,
    frozen_and_allowed_again,
    another_named,
    leader_left_and_leads_another_family,
    member_left,
    group_closed,
]


class TestCancelled:
    @pytest.mark.parametrize("change", CANCELS)
    def test_r28_the_yes_comes_too_late(self, leader: LeaderAssignment, change: Any) -> None:
        row = waiting(leader)
        change(leader)
        assert not WaitingRequest.objects.waiting(LATER).exists()
        with pytest.raises(refusals.RequestCancelled):
            asking.approve(waiting=row, at=LATER)
        assert not Charge.objects.exists()
        row.refresh_from_db()
        assert row.outcome == Outcome.CANCELLED

    @pytest.mark.parametrize("change", [frozen_and_allowed_again])
    def test_r28_asked_anew_it_waits_anew(self, leader: LeaderAssignment, change: Any) -> None:
        first = waiting(leader)
        change(leader)
        second = waiting(leader, key="2", moment=LATER)
        assert (first.pk < second.pk, answer(leader)) == (True, "request_cancelled")
        assert asking.approve(waiting=second, at=LATER).charged_lek == 800

    def test_r16_r28_a_suspended_contract_refuses_the_yes(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        Contract.objects.filter(pk=row.contract_id).update(status=ContractStatus.SUSPENDED)
        with pytest.raises(refusals.ContractSuspended):
            asking.approve(waiting=row, at=LATER)

    def test_r28_lifting_does_not_decide_what_waits(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        asking.lift_ask_above(
            proof=payers_word(leader.group.contract, LATER), group=leader.group, at=LATER
        )
        assert row.state(LATER) is None
        assert asking.approve(waiting=row, at=LATER).charged_lek == 800
