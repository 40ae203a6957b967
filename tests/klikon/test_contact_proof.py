"""R3, R26: when a code to the contact mobile speaks for the Fixed Leader, and when it does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groups import contact
from groups.models import Contract
from klikon import contact_proof, leadership
from klikon.models import FreezeCause, LeaderAssignment
from superfamilja.accounts.roles import STORE_CLERK
from tests.factories import ContractFactory, GroupFactory, MembershipFactory, assign
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db
HIS_OWN = "+355671112223"


@pytest.fixture
def contract() -> Contract:
    return ContractFactory(contact_msisdn=HIS_OWN)


@pytest.fixture
def leader(contract: Contract) -> LeaderAssignment:
    """The payer leads with the number that his codes go to."""
    return assign(MembershipFactory(group=GroupFactory(contract=contract), msisdn=HIS_OWN))


def swapped() -> None:
    leadership.number_changed(msisdn=HIS_OWN, cause=FreezeCause.SIM_SWAPPED, at=timezone.now())


def test_a_number_that_never_changed_hands_speaks_for_him(
    contract: Contract, leader: LeaderAssignment
) -> None:
    leadership.freeze(assignment=leader, at=timezone.now())
    assert not contact_proof.changed_hands(contract)
    assert not contact_proof.only_a_shop_decides(contract, timezone.now())


def test_the_end_of_the_leadership_does_not_make_the_number_his_again(
    contract: Contract, leader: LeaderAssignment
) -> None:
    swapped()
    assert contact_proof.changed_hands(contract)
    leadership.revoke(assignment=leader, at=timezone.now())
    assert contact_proof.changed_hands(contract)


def test_a_confirmation_that_can_be_shown_does(
    contract: Contract, leader: LeaderAssignment
) -> None:
    swapped()
    leadership.unfreeze(assignment=leader, at=timezone.now(), evidence="K-7; signed paper seen")
    assert not contact_proof.changed_hands(contract)
    leadership.revoke(assignment=leader, at=timezone.now() + timedelta(seconds=1))
    assert not contact_proof.changed_hands(contract)


def test_a_later_change_of_hands_that_he_confirmed_settles_the_one_before(
    contract: Contract, leader: LeaderAssignment
) -> None:
    swapped()
    leadership.revoke(assignment=leader, at=timezone.now())
    again = assign(leader.member)
    assert not contact_proof.changed_hands(contract)  # a Declaration names the number anew
    swapped()
    assert contact_proof.changed_hands(contract)
    leadership.unfreeze(assignment=again, at=timezone.now(), evidence="K-7; signed paper seen")
    assert not contact_proof.changed_hands(contract)


def test_a_contact_given_since_is_another_number(
    contract: Contract, leader: LeaderAssignment
) -> None:
    swapped()
    leadership.revoke(assignment=leader, at=timezone.now())
    contact.change_contact(
        contract=contract, msisdn="+355692222222", evidence="document", at=timezone.now()
    )
    contract.refresh_from_db()
    assert not contact_proof.changed_hands(contract)


def test_what_staff_set_speaks_for_nobody_for_three_days(contract: Contract) -> None:
    now = timezone.now()
    contact.change_contact(
        contract=contract, msisdn="+355692222222", evidence="document", at=now,
        actor=staff_member(STORE_CLERK), reason="K-8",
    )  # fmt: skip
    assert contact_proof.only_a_shop_decides(contract, now + timedelta(hours=71))
    assert not contact_proof.only_a_shop_decides(contract, now + timedelta(hours=73))


def test_what_he_set_himself_asks_for_more_but_not_for_a_shop(contract: Contract) -> None:
    contact.change_contact(
        contract=contract, msisdn="+355692222222", evidence="codes", at=timezone.now()
    )
    contract.refresh_from_db()
    assert contact_proof.is_new(contract, timezone.now())
    assert not contact_proof.only_a_shop_decides(contract, timezone.now())
