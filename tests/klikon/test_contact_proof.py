"""R3, R26: when a code to the contact mobile speaks for the Fixed Leader, and when not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groups import contact, proof
from groups.models import Contract
from groups.proof import ConfirmInAShop, Proof
from klikon.leader import contact_proof, freezes, leadership
from klikon.models import DeclarationChannel, FreezeCause, LeaderAssignment
from tests.factories import ContractFactory, GroupFactory, MembershipFactory, assign
from tests.proofs import payers_word, seen_paper

pytestmark = pytest.mark.django_db
HIS_OWN = "+355671112223"


@pytest.fixture
def contract() -> Contract:
    return ContractFactory(contact_msisdn=HIS_OWN)


@pytest.fixture
def leader(contract: Contract) -> LeaderAssignment:
    """Let the payer lead with the number that their codes go to."""
    return assign(MembershipFactory(group=GroupFactory(contract=contract), msisdn=HIS_OWN))


def changed(contract: Contract, proof: Proof) -> None:
    contact.change_contact(
        contract=contract, msisdn="+355692222222", proof=proof, evidence="shown", at=timezone.now()
    )
    contract.refresh_from_db()


def swapped() -> None:
    freezes.number_changed(msisdn=HIS_OWN, cause=FreezeCause.SIM_SWAPPED, at=timezone.now())


def test_a_number_that_never_changed_hands_speaks_for_him(
    contract: Contract, leader: LeaderAssignment
) -> None:
    freezes.freeze(assignment=leader, at=timezone.now())
    assert not contact_proof.changed_hands(contract)
    assert contact_proof.why_not_online(contract, timezone.now()) is None


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
    freezes.unfreeze(
        proof=seen_paper(contract, "unfreeze_leader"),
        assignment=leader,
        at=timezone.now(),
        evidence="K-7; signed paper seen",
    )
    assert not contact_proof.changed_hands(contract)
    leadership.revoke(assignment=leader, at=timezone.now() + timedelta(seconds=1))
    assert not contact_proof.changed_hands(contract)


def test_a_later_change_of_hands_that_he_confirmed_settles_the_one_before(
    contract: Contract, leader: LeaderAssignment
) -> None:
    swapped()
    leadership.revoke(assignment=leader, at=timezone.now())
    again = leadership.assign(
        member=leader.member,
        channel=DeclarationChannel.STORE,
        signatory_name="Drita Dardha",
        evidence="K-6; signed paper seen",
        proof=seen_paper(contract, "name_leader"),
        at=timezone.now(),
    )
    assert not contact_proof.changed_hands(contract)  # a Declaration names the number again
    swapped()
    assert contact_proof.changed_hands(contract)
    freezes.unfreeze(
        proof=seen_paper(contract, "unfreeze_leader"),
        assignment=again,
        at=timezone.now(),
        evidence="K-7; signed paper seen",
    )
    assert not contact_proof.changed_hands(contract)


def test_a_contact_given_since_is_another_number(
    contract: Contract, leader: LeaderAssignment
) -> None:
    swapped()
    leadership.revoke(assignment=leader, at=timezone.now())
    changed(contract, seen_paper(contract, "change_contact"))
    assert not contact_proof.changed_hands(contract)


def test_the_number_that_the_payer_left_because_it_changed_hands_speaks_for_nobody(
    contract: Contract, leader: LeaderAssignment
) -> None:
    """The hold makes the number before the proven one, and a thief may have that number."""
    before = contract.contact_msisdn
    swapped()
    leadership.revoke(assignment=leader, at=timezone.now())
    changed(contract, seen_paper(contract, "change_contact"))
    contract.refresh_from_db()
    assert contact_proof.changed_hands(contract, before)
    assert proof.number_for_codes(contract, timezone.now()) is None


def test_a_number_that_changed_hands_gives_no_other_one(
    contract: Contract, leader: LeaderAssignment
) -> None:
    swapped()
    with pytest.raises(ConfirmInAShop):
        changed(contract, payers_word(contract, timezone.now()))


def test_what_no_code_proved_speaks_for_nobody_for_three_days(contract: Contract) -> None:
    changed(contract, seen_paper(contract, "change_contact"))
    now = timezone.now()
    held = contact_proof.why_not_online(contract, now + timedelta(hours=71))
    assert (held and held.code) == "contact_held"
    assert contact_proof.why_not_online(contract, now + timedelta(hours=73)) is None


def test_what_he_set_himself_by_a_code_speaks_for_him_at_once(contract: Contract) -> None:
    changed(contract, payers_word(contract, timezone.now()))
    assert contact_proof.why_not_online(contract, timezone.now()) is None
