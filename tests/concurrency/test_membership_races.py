"""Race changes to groups with real threads; each test turns its guard off to see the race."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from unittest import mock

import pytest

from groups import membership
from groups.models import Group, Membership
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race, without
from tests.factories import (
    ContractFactory,
    GroupFactory,
    MembershipFactory,
    at,
    family,
    terms_of_its_own,
)

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-05 14:05")
ONE_GROUP_A_NUMBER = (
    "DROP INDEX membership_one_group_a_number",
    "CREATE UNIQUE INDEX membership_one_group_a_number ON groups_membership (msisdn) "
    "WHERE left_on IS NULL",
)
ONE_MEMBER_A_SEAT = (
    "DROP INDEX membership_one_member_a_seat",
    "CREATE UNIQUE INDEX membership_one_member_a_seat ON groups_membership (group_id, seat) "
    "WHERE left_on IS NULL",
)


def new_number() -> str:
    """A number that nobody has."""
    return MembershipFactory.build(group=None).msisdn


def adding(group: Group, msisdn: str) -> partial[Membership]:
    return partial(
        membership.add_member,
        group=group,
        msisdn=msisdn,
        name="Agron",
        plan="standard_prepaid",
        at=NOW,
    )


def unlocked(group_id: int) -> Group:
    return Group.objects.select_related("contract").get(pk=group_id)


@contextmanager
def no_group_lock() -> Iterator[None]:
    with mock.patch("groups.membership.lock_group", unlocked):
        yield


class TestSameNumberIntoTwoGroups:
    def attempt(self, msisdn: str) -> dict[str, int]:
        with meeting_before("groups.membership._sit_down"):
            return race(adding(family(1), msisdn), adding(family(1), msisdn))

    def test_one_group_gets_it_and_the_other_is_told(self) -> None:
        msisdn = new_number()
        assert self.attempt(msisdn) == {DONE: 1, "number_in_a_group": 1}
        assert Membership.objects.current().filter(msisdn=msisdn).count() == 1

    def test_control_without_the_index_it_would_sit_in_both(self) -> None:
        msisdn = new_number()
        with without(*ONE_GROUP_A_NUMBER):
            assert self.attempt(msisdn) == {DONE: 2}
            assert Membership.objects.current().filter(msisdn=msisdn).count() == 2
            Membership.objects.filter(msisdn=msisdn).update(left_on=NOW.date())


class TestFifthMember:
    def attempt(self, group: Group) -> dict[str, int]:
        with meeting_before("groups.membership._sit_down"):
            return race(adding(group, new_number()), adding(group, new_number()))

    def test_of_two_for_the_last_seat_one_sits_down(self) -> None:
        group = family(3)
        assert self.attempt(group) == {DONE: 1, "group_full": 1}
        assert group.memberships.current().count() == 4

    def test_control_without_the_lock_the_index_has_to_stop_it(self) -> None:
        group = family(3)
        with no_group_lock():
            assert self.attempt(group) == {DONE: 1, "IntegrityError": 1}

    def test_control_without_lock_and_index_there_would_be_five(self) -> None:
        group = family(3)
        with no_group_lock(), without(*ONE_MEMBER_A_SEAT):
            assert self.attempt(group) == {DONE: 2}
            assert group.memberships.current().count() == 5
            group.memberships.update(left_on=NOW.date())


class TestTheLastPlaceWhereTermsAllowFewer:
    """R19: seats 3 and 4 are taken and three members are allowed; two newcomers want seat 1."""

    def attempt(self) -> tuple[dict[str, int], Group]:
        group = family(4)
        group.memberships.filter(seat__lte=2).update(left_on=NOW.date(), left_at=NOW)
        terms_of_its_own(group, members_max=3)
        with meeting_before("groups.membership._sit_down"):
            return race(adding(group, new_number()), adding(group, new_number())), group

    def test_r19_of_two_one_sits_down(self) -> None:
        outcome, group = self.attempt()
        assert outcome == {DONE: 1, "group_full": 1}
        assert group.memberships.current().count() == 3

    def test_control_without_the_lock_the_index_has_to_stop_it(self) -> None:
        with no_group_lock():
            outcome, group = self.attempt()
        assert outcome == {DONE: 1, "IntegrityError": 1}
        assert group.memberships.current().count() == 3


class TestGroupClosedWhileAMemberIsAdded:
    def attempt(self, group: Group) -> None:
        closing = partial(membership.close_group, group=group, at=NOW)
        with interrupted_by(closing, at="groups.membership._sit_down") as closed:
            assert race(adding(group, new_number())) == {DONE: 1}
        assert closed.result() == {DONE: 1}

    def test_closing_waits_and_ends_the_new_membership_too(self) -> None:
        group = family(1)
        self.attempt(group)
        assert group.memberships.current().count() == 0

    def test_control_without_the_lock_a_closed_group_would_keep_a_member(self) -> None:
        group = family(1)
        with no_group_lock():
            self.attempt(group)
        group.refresh_from_db()
        assert group.closed_on is not None
        assert group.memberships.current().count() == 1


def test_of_two_groups_opened_for_one_contract_one_opens() -> None:
    contract = ContractFactory()
    opening = partial(membership.open_group, contract=contract, at=NOW)
    assert race(opening, opening) == {DONE: 1, "group_already_open": 1}
    assert contract.groups.open().count() == 1


def test_control_a_second_open_group_is_refused_by_the_index_as_well() -> None:
    group = GroupFactory()
    assert race(partial(GroupFactory, contract=group.contract)) == {"IntegrityError": 1}
