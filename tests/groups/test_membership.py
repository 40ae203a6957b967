"""Open, add, remove, close (R1, R15, R16, R19, R20), each act with who, when and why."""

from datetime import date, datetime

import pytest

from groups import membership, terms
from groups.models import Group, Membership
from superfamilja.accounts.models import User
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.factories import (
    ContractFactory,
    GroupFactory,
    MembershipFactory,
    at,
    family,
    terms_of_its_own,
)

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")


def add(group: object, msisdn: str = "+355679000001", plan: str = "super_riniring") -> Membership:
    return membership.add_member(group=group, msisdn=msisdn, name="Agron", plan=plan, at=NOW)


def test_a_group_opens_on_the_day_in_tirana() -> None:
    group = membership.open_group(contract=ContractFactory(), at=at("2026-11-05 00:10"))
    assert (group.opened_on, group.closed_on) == (date(2026, 11, 5), None)


def test_r20_a_contract_has_one_open_group() -> None:
    group = GroupFactory()
    with pytest.raises(membership.GroupAlreadyOpen):
        membership.open_group(contract=group.contract, at=NOW)


@pytest.mark.parametrize("status", ["suspended", "ended"])
def test_r16_no_group_opens_on_a_contract_that_is_not_active(status: str) -> None:
    with pytest.raises(membership.ContractNotActive):
        membership.open_group(contract=ContractFactory(status=status), at=NOW)


def test_a_member_takes_the_lowest_free_seat() -> None:
    group = family(3)
    membership.remove_member(membership=group.memberships.get(seat=2), at=NOW)
    assert add(group).seat == 2


def test_r19_a_fifth_member_is_refused_with_the_number() -> None:
    with pytest.raises(membership.GroupFull) as refused:
        add(family(4))
    assert refused.value.text("en") == "The group already has 4 members, which is the most."


def test_r20_a_plan_that_the_terms_do_not_allow_is_refused() -> None:
    with pytest.raises(membership.PlanNotAllowed):
        add(family(1), plan="business")


def test_r20_a_number_in_another_group_is_refused_until_it_left() -> None:
    elsewhere = family(1).memberships.get()
    with pytest.raises(membership.NumberInAGroup):
        add(family(1), elsewhere.msisdn)
    membership.remove_member(membership=elsewhere, at=NOW)
    assert add(family(1), elsewhere.msisdn).seat == 2


def test_r1_a_closed_group_takes_nobody() -> None:
    with pytest.raises(membership.GroupClosed):
        add(GroupFactory(closed_on=date(2026, 11, 1)))


def test_closing_ends_every_membership_that_day() -> None:
    group = family(3)
    membership.close_group(group=group, at=NOW)
    assert set(group.memberships.values_list("left_on", flat=True)) == {date(2026, 11, 5)}


def test_a_membership_ends_once() -> None:
    member = MembershipFactory()
    membership.remove_member(membership=member, at=NOW)
    with pytest.raises(membership.NotAMember):
        membership.remove_member(membership=member, at=NOW)


def test_left_on_is_exclusive() -> None:
    member = MembershipFactory()
    membership.remove_member(membership=member, at=NOW)
    on = Membership.objects.filter(pk=member.pk).in_force_on
    assert (on(date(2026, 11, 4)).exists(), on(date(2026, 11, 5)).exists()) == (True, False)


def test_staff_say_why() -> None:
    with pytest.raises(ReasonMissing):
        membership.close_group(group=family(1), at=NOW, actor=User.objects.create(username="a"))


def test_the_act_says_who_when_what_and_why() -> None:
    clerk = User.objects.create(username="k", first_name="Kleriku", last_name="Shembull")
    group = family(1)
    membership.close_group(group=group, at=NOW, actor=clerk, reason="The owner asked")
    act = Act.objects.get()
    assert (act.actor_name, act.at, act.verb, act.contract_number, act.reason) == (
        "Kleriku Shembull",
        NOW,
        "close_group",
        group.contract.number,
        "The owner asked",
    )


def test_the_history_of_a_contract_keeps_what_it_was_before_each_change() -> None:
    contract = ContractFactory(contact_msisdn="+355691111111")
    contract.contact_msisdn = "+355692222222"
    contract.save()
    contract.contact_msisdn = "+355693333333"
    contract.save()
    before = contract.events.order_by("pgh_id").values_list("contact_msisdn", flat=True)
    assert list(before) == ["+355691111111", "+355692222222"]


class TestTermsThatAllowFewer:
    """R19: members are counted, whatever their seat numbers are."""

    def test_r19_where_three_are_and_two_are_allowed_nobody_joins(self) -> None:
        group = family(4)
        membership.remove_member(membership=group.memberships.get(seat=2), at=NOW)
        terms_of_its_own(group, members_max=2)
        with pytest.raises(membership.GroupFull) as refused:
            add(group)
        assert refused.value.details == {"members_max": 2}
        assert [m.seat for m in group.memberships.current().order_by("seat")] == [1, 3, 4]

    def test_r19_who_sits_above_the_allowed_number_leaves_a_place_for_one_more(self) -> None:
        group = family(4)
        for seat in (1, 2, 3):
            membership.remove_member(membership=group.memberships.get(seat=seat), at=NOW)
        terms_of_its_own(group, members_max=2)
        assert add(group).seat == 1
        with pytest.raises(membership.GroupFull):
            add(group, "+355670000002")

    def test_r19_the_lowest_free_seat_may_be_above_the_allowed_number(self) -> None:
        group = family(2)
        terms_of_its_own(group, members_max=3)
        add(group)
        membership.remove_member(membership=group.memberships.get(seat=1), at=NOW)
        terms_of_its_own(group, members_max=4)
        assert [add(group, f"+35567000001{n}").seat for n in (1, 2)] == [1, 4]


def _by_seat(group: Group, moment: datetime) -> int:
    members_max = terms.in_force(group, moment).members_max
    taken = set(group.memberships.current().values_list("seat", flat=True))
    free = [seat for seat in range(1, members_max + 1) if seat not in taken]
    if not free:
        raise membership.GroupFull(members_max=members_max)
    return free[0]


def test_control_counted_by_seat_a_fourth_is_let_in_where_two_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same with the guard off."""
    group = family(4)
    membership.remove_member(membership=group.memberships.get(seat=2), at=NOW)
    terms_of_its_own(group, members_max=2)
    monkeypatch.setattr(membership, "require_room", _by_seat)
    assert add(group).seat == 2
    assert group.memberships.current().count() == 4
