"""An activation reads what stands in its own group now: nothing of another family or ended."""

from typing import Any

import pytest

from groups import membership
from groups.models import Group
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.leader import freezes, phone_pin
from klikon.models import Activation, Channel, LeaderAssignment, RefusedActivation
from klikon.payer import asking, limits
from tests.factories import PromotionFactory, assign, at, family_with_leader
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db

BEFORE = at("2026-11-04 10:00")
NOW = at("2026-11-05 14:05")


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def buy(leader: LeaderAssignment, **other: Any) -> Activation:
    request: dict[str, Any] = {
        "leader": leader.member.msisdn,
        "member": leader.group.memberships.get(seat=2, left_on=None).msisdn,
        "package": "S700",
        "at": NOW,
        "channel": Channel.IVR,
        "client": "test",
        "key": "1",
    }
    return activate(**{**request, **other})


def lock_the_phone(leader: LeaderAssignment) -> None:
    word = payers_word(leader.group.contract, BEFORE)
    phone_pin.set_pin(proof=word, leader=leader, pin="8305", at=BEFORE)
    for _ in range(3):
        with pytest.raises(phone_pin.Refusal):
            phone_pin.check(leader=leader, pin="4711", at=BEFORE)


def forbid_everything(leader: LeaderAssignment) -> None:
    """Everything by which a payer can keep this leader from buying for the second member."""
    group, member = leader.group, leader.group.memberships.get(seat=2)
    lock_the_phone(leader)
    freezes.freeze(assignment=leader, at=BEFORE)
    limits.set_limit(group=group, limit_lek=0, at=BEFORE)
    limits.set_limit(group=group, member=member, limit_lek=0, at=BEFORE)
    asking.set_ask_above(group=group, above_lek=0, at=BEFORE)


def allow_everything_again(leader: LeaderAssignment) -> None:
    group, member = leader.group, leader.group.memberships.get(seat=2)
    told: dict[str, Any] = {"proof": payers_word(group.contract, BEFORE), "at": BEFORE}
    phone_pin.unlock(leader=leader, **told)
    freezes.unfreeze(assignment=leader, **told)
    limits.lift_limit(group=group, **told)
    limits.lift_limit(group=group, member=member, **told)
    asking.lift_ask_above(group=group, **told)


def test_r4_r19_r27_r28_what_another_payer_forbids_stops_nothing_here(
    leader: LeaderAssignment,
) -> None:
    forbid_everything(family_with_leader()[1])
    bought = buy(leader)
    assert (bought.charged_lek, bought.room_left) == (500, 6000)


def test_r4_r19_r27_r28_what_the_payer_allowed_again_stops_nothing(
    leader: LeaderAssignment,
) -> None:
    forbid_everything(leader)
    allow_everything_again(leader)
    bought = buy(leader)
    assert (bought.charged_lek, bought.room_left) == (500, 6000)


def test_r1_a_closed_group_buys_nothing_although_its_members_were_never_ended(
    leader: LeaderAssignment,
) -> None:
    Group.objects.filter(pk=leader.group_id).update(closed_on=NOW.date(), closed_at=NOW)
    with pytest.raises(refusals.NotTheLeader):
        buy(leader)


def test_r2_who_left_and_came_back_is_one_member(leader: LeaderAssignment) -> None:
    second = leader.group.memberships.get(seat=2)
    membership.remove_member(membership=second, at=BEFORE)
    back = membership.add_member(
        group=leader.group,
        msisdn=second.msisdn,
        name="Besnik",
        plan="standard_prepaid",
        at=BEFORE,
    )
    assert buy(leader, member=second.msisdn).member == back


def test_r4_a_leader_of_before_is_no_leader_beside_the_one_of_now(
    leader: LeaderAssignment,
) -> None:
    now = assign(leader.group.memberships.get(seat=3))
    assert buy(now).leader == now.member
    with pytest.raises(refusals.NotTheLeader):
        buy(leader, key="2")


def test_r27_what_the_number_spent_in_another_family_does_not_count_here(
    leader: LeaderAssignment,
) -> None:
    """The limit is the payer's, so it counts what this contract pays."""
    other = family_with_leader()[1]
    moving = other.group.memberships.get(seat=2)
    buy(other, package="S2000")  # 1.800 on the other contract
    membership.remove_member(membership=moving, at=NOW)
    here = membership.add_member(
        group=leader.group, msisdn=moving.msisdn, name="Agron", plan="standard_prepaid", at=NOW
    )
    limits.set_limit(group=leader.group, member=here, limit_lek=500, at=NOW)
    assert buy(leader, member=here.msisdn, key="2").charged_lek == 500
    with pytest.raises(refusals.OverTheMembersLimit) as refused:
        buy(leader, member=here.msisdn, key="3", repeat_confirmed=True)
    assert refused.value.details["room_lek"] == 0


def test_r27_what_another_member_spent_does_not_count_for_this_one(
    leader: LeaderAssignment,
) -> None:
    third = leader.group.memberships.get(seat=3)
    buy(leader, member=third.msisdn, package="S1000")
    second = leader.group.memberships.get(seat=2)
    limits.set_limit(group=leader.group, member=second, limit_lek=500, at=NOW)
    assert buy(leader, key="2").charged_lek == 500


def test_r11_r27_the_first_instant_of_a_month_counts_for_the_members_limit(
    leader: LeaderAssignment,
) -> None:
    first = at("2026-11-01 00:00")
    second = leader.group.memberships.get(seat=2)
    limits.set_limit(group=leader.group, member=second, limit_lek=500, at=BEFORE)
    buy(leader, at=first)
    with pytest.raises(refusals.OverTheMembersLimit):
        buy(leader, key="2")


def test_r8_a_promotion_of_another_number_or_another_time_is_not_recorded(
    leader: LeaderAssignment,
) -> None:
    number = leader.group.memberships.get(seat=2).msisdn
    day = NOW.date()
    PromotionFactory(msisdn="+355670009999", valid_from=day, valid_to=day)
    PromotionFactory(msisdn=number, valid_from=at("2026-11-06 00:00").date())
    PromotionFactory(msisdn=number, valid_to=BEFORE.date())
    assert buy(leader).promotions_set_aside == []


def test_r21_a_key_that_was_used_for_something_else_keeps_its_first_answer(
    leader: LeaderAssignment,
) -> None:
    """The refusal is not stored, or it would be the answer of a key that has one."""
    first = buy(leader)
    with pytest.raises(refusals.KeyUsedForSomethingElse):
        buy(leader, package="S1000")
    assert not RefusedActivation.objects.exists()
    assert buy(leader) == first


def test_r21_the_key_of_a_refusal_for_something_else_is_refused(
    leader: LeaderAssignment,
) -> None:
    with pytest.raises(refusals.NotAKlikOnPackage):
        buy(leader, package="S400")
    for _ in range(2):
        with pytest.raises(refusals.KeyUsedForSomethingElse):
            buy(leader, package="S1000")
