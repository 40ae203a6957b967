"""The payer's own limits, for the group and for one member (R27)."""

import pytest
from django.db import IntegrityError

from groups import membership
from groups.models import Group, Membership
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.models import Activation, Channel, OwnLimit
from klikon.payer import limits
from superfamilja.accounts.models import User
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.factories import at, family_with_leader
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
LATER = at("2026-11-05 14:30")


@pytest.fixture
def group() -> Group:
    return family_with_leader()[0]


@pytest.fixture
def besnik(group: Group) -> Membership:
    return group.memberships.get(seat=2)


def buy(group: Group, seat: int = 1, package: str = "S700", key: str = "1") -> Activation:
    return activate(
        leader=group.memberships.get(seat=1).msisdn,
        member=group.memberships.get(seat=seat).msisdn,
        package=package,
        at=LATER,
        channel=Channel.IVR,
        client="test",
        key=key,
    )


def test_r27_the_groups_limit_binds_before_the_cap(group: Group) -> None:
    limits.set_limit(group=group, limit_lek=1000, at=NOW)
    buy(group)
    with pytest.raises(refusals.OverTheGroupsLimit) as refused:
        buy(group, package="S1000", key="2")
    assert (refused.value.details["limit_lek"], refused.value.details["room_lek"]) == (1000, 500)


def test_r27_a_members_limit_binds_him_alone(group: Group, besnik: Membership) -> None:
    limits.set_limit(group=group, member=besnik, limit_lek=500, at=NOW)
    buy(group, seat=2)
    with pytest.raises(refusals.OverTheMembersLimit):
        buy(group, seat=2, package="S1000", key="2")
    assert buy(group, seat=3, package="S1000", key="3").charged_lek == 800


def test_r27_zero_lets_nothing_more_be_spent(group: Group) -> None:
    limits.set_limit(group=group, limit_lek=0, at=NOW)
    with pytest.raises(refusals.OverTheGroupsLimit):
        buy(group)


def test_r27_the_cap_itself_may_be_the_limit_and_no_more(group: Group) -> None:
    assert limits.set_limit(group=group, limit_lek=6500, at=NOW).limit_lek == 6500
    with pytest.raises(limits.AboveTheCap) as refused:
        limits.set_limit(group=group, limit_lek=6501, at=NOW)
    assert refused.value.text("en").startswith(
        "6.501 Lekë is more than the monthly cap of 6.500 Lekë"
    )


def test_r27_a_changed_limit_ends_the_one_before_and_both_stay(group: Group) -> None:
    payer = User.objects.create(username="clerk")
    limits.set_limit(group=group, limit_lek=2000, at=NOW)
    limits.set_limit(
        group=group,
        limit_lek=3000,
        at=LATER,
        actor=payer,
        reason="asked",
        proof=payers_word(group.contract, LATER),
    )
    first, second = OwnLimit.objects.order_by("pk")
    assert (first.limit_lek, first.set_at, first.ended_at) == (2000, NOW, LATER)
    assert (second.limit_lek, second.set_at, second.set_by, second.ended_at) == (
        3000,
        LATER,
        payer,
        None,
    )


def test_r27_the_same_limit_again_changes_nothing(group: Group) -> None:
    first = limits.set_limit(group=group, limit_lek=2000, at=NOW)
    assert limits.set_limit(group=group, limit_lek=2000, at=LATER) == first
    assert (OwnLimit.objects.count(), Act.objects.filter(verb="set_limit").count()) == (1, 1)


def test_r27_lifted_it_binds_no_more(group: Group) -> None:
    limits.set_limit(group=group, limit_lek=0, at=NOW)
    limits.lift_limit(proof=payers_word(group.contract, NOW), group=group, at=NOW)
    assert buy(group).charged_lek == 500
    assert OwnLimit.objects.get().ended_at == NOW


def test_r27_the_groups_limit_and_a_members_are_lifted_apart(
    group: Group, besnik: Membership
) -> None:
    limits.set_limit(group=group, limit_lek=2000, at=NOW)
    limits.set_limit(group=group, member=besnik, limit_lek=500, at=NOW)
    limits.lift_limit(proof=payers_word(group.contract, LATER), group=group, at=LATER)
    assert OwnLimit.objects.get(ended_at=None).member == besnik


def test_r27_what_does_not_stand_cannot_be_lifted(group: Group, besnik: Membership) -> None:
    limits.set_limit(group=group, limit_lek=2000, at=NOW)
    with pytest.raises(limits.NoOwnLimit):
        limits.lift_limit(
            proof=payers_word(group.contract, NOW), group=group, member=besnik, at=NOW
        )


def test_r27_who_is_no_member_has_no_limit(group: Group, besnik: Membership) -> None:
    stranger = family_with_leader()[0].memberships.get(seat=1)
    membership.remove_member(membership=besnik, at=NOW)
    for member in (besnik, stranger):
        with pytest.raises(membership.NotAMember):
            limits.set_limit(group=group, member=member, limit_lek=500, at=LATER)


def test_r27_a_closed_group_has_no_limit(group: Group) -> None:
    membership.close_group(group=group, at=NOW)
    with pytest.raises(membership.GroupClosed):
        limits.set_limit(group=group, limit_lek=500, at=LATER)


def test_staff_say_why_and_it_is_recorded(group: Group, besnik: Membership) -> None:
    clerk = User.objects.create(username="clerk")
    with pytest.raises(ReasonMissing):
        limits.set_limit(group=group, limit_lek=500, at=NOW, actor=clerk)
    limits.set_limit(group=group, member=besnik, limit_lek=500, at=NOW, actor=clerk, reason="asked")
    limits.lift_limit(
        proof=payers_word(group.contract, NOW),
        group=group,
        member=besnik,
        at=NOW,
        actor=clerk,
        reason="asked again",
    )
    acts = Act.objects.filter(actor=clerk).order_by("pk").values_list("verb", "reason", "details")
    assert list(acts) == [
        ("set_limit", "asked", {"limit_lek": 500, "member": besnik.pk}),
        (
            "lift_limit",
            "asked again",
            {"limit_lek": 500, "member": besnik.pk, "proof": "payer_session"},
        ),
    ]


def test_who_waited_with_an_older_clock_is_written_after_who_was_first(group: Group) -> None:
    limits.set_limit(group=group, limit_lek=2000, at=LATER)
    proof = payers_word(group.contract, NOW)
    second = limits.set_limit(group=group, limit_lek=3000, proof=proof, at=NOW)
    assert (OwnLimit.objects.get(limit_lek=2000).ended_at, second.set_at) == (LATER, LATER)


def test_r27_the_database_keeps_one_limit_a_group_and_one_a_member(
    group: Group, besnik: Membership
) -> None:
    limits.set_limit(group=group, limit_lek=2000, at=NOW)
    with pytest.raises(IntegrityError, match="own_limit_one_a_group"):
        OwnLimit.objects.create(group=group, limit_lek=1000, set_at=NOW)
