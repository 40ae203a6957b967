"""Tell who hears of a changed leadership (R23): one number, one fact, one SMS."""

import pytest

from groups import membership
from groups.models import Group
from klikon.leader import freezes, leadership
from klikon.models import DeclarationChannel, FreezeCause, LeaderAssignment
from klikon.payer import limits
from superfamilja.messages import templates
from superfamilja.messages.models import OutgoingMessage
from tests.factories import ContractFactory, GroupFactory, MembershipFactory, at
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
LATER = at("2026-11-05 14:30")
PAYER, ELIRA, BESNIK = "+355697770001", "+355677770002", "+355677770003"


@pytest.fixture
def group() -> Group:
    """Make a group: Drita pays and is not a member; Elira and Besnik are."""
    group: Group = GroupFactory(contract=ContractFactory(contact_msisdn=PAYER))
    MembershipFactory(group=group, seat=1, name="Elira Dardha", msisdn=ELIRA)
    MembershipFactory(group=group, seat=2, name="Besnik Dardha", msisdn=BESNIK)
    return group


@pytest.fixture
def elira(group: Group) -> LeaderAssignment:
    return named(group, 1)


def named(group: Group, seat: int) -> LeaderAssignment:
    return leadership.assign(
        proof=payers_word(group.contract, NOW),
        member=group.memberships.get(seat=seat),
        channel=DeclarationChannel.STORE,
        signatory_name="Drita Dardha",
        evidence="form 1",
        at=NOW,
    )


def told(template: str, about: str) -> dict[str, str]:
    """Return number → the English text that it got about that fact."""
    return {
        message.recipient: templates.render(message.template, "en", message.parameters)
        for message in OutgoingMessage.objects.filter(template=template, about=about)
    }


def test_r23_payer_and_leader_are_told_with_the_limit_in_packages(
    elira: LeaderAssignment,
) -> None:
    reference = elira.declaration.reference
    assert told("leader_named", reference) == {
        PAYER: "Klik-ON: Mobile Leader of the group: Elira, 067 777 0002. Activates up to "
        "6.500 Lekë a month (= 13 × Super 700) on your fixed bill. To stop it: online or in a "
        f"shop. Ref. {reference}",
        ELIRA: "Klik-ON: you are the Mobile Leader. Call 130 free from this mobile for "
        "the group's Super packages, up to 6.500 Lekë a month (= 13 × Super 700). "
        f"Unwanted? Give it back online. Ref. {reference}",
    }


def test_r23_r27_a_lower_limit_of_the_payer_is_the_one_that_is_told(group: Group) -> None:
    limits.set_limit(group=group, limit_lek=2000, at=NOW)
    reference = named(group, 1).declaration.reference
    assert "up to 2.000 Lekë a month (= 4 × Super 700)" in told("leader_named", reference)[ELIRA]


def test_r23_who_led_until_now_is_told(group: Group, elira: LeaderAssignment) -> None:
    reference = named(group, 2).declaration.reference
    messages = told("leader_named", reference)
    assert messages.keys() == {PAYER, ELIRA, BESNIK}
    assert "you no longer are the Mobile Leader" in messages[ELIRA]


def test_r23_who_led_and_has_left_is_told_nothing(group: Group, elira: LeaderAssignment) -> None:
    membership.remove_member(membership=elira.member, at=NOW)
    reference = named(group, 2).declaration.reference
    assert told("leader_named", reference).keys() == {PAYER, BESNIK}


def test_r3_r23_the_payers_own_mobile_as_leader_gets_one_sms() -> None:
    group = GroupFactory(contract=ContractFactory(contact_msisdn=ELIRA))
    MembershipFactory(group=group, seat=1, name="Drita Dardha", msisdn=ELIRA)
    leader = named(group, 1)
    messages = told("leader_named", leader.declaration.reference)
    assert messages.keys() == {ELIRA}
    assert "you are the Mobile Leader" in messages[ELIRA]
    assert "To stop it: online or in a shop." in messages[ELIRA]


def test_r23_a_revocation_is_told_to_both(elira: LeaderAssignment) -> None:
    leadership.revoke(assignment=elira, at=NOW)
    messages = told("leader_revoked", elira.declaration.reference)
    assert messages.keys() == {PAYER, ELIRA}
    assert "the Mobile Leader was removed: Elira, 067 777 0002" in messages[PAYER]


def test_r23_each_stop_and_its_end_are_told_to_both(elira: LeaderAssignment) -> None:
    for _ in range(2):
        stop = freezes.freeze(assignment=elira, at=NOW)
        freezes.unfreeze(proof=payers_word(elira.group.contract, NOW), assignment=elira, at=NOW)
        assert told("leader_frozen", f"F-{stop.pk}").keys() == {PAYER, ELIRA}
        assert told("leader_unfrozen", f"F-{stop.pk}").keys() == {PAYER, ELIRA}


@pytest.mark.parametrize(
    ("cause", "readers"),
    [("ported", {PAYER, ELIRA}), ("sim_swapped", {PAYER, ELIRA}), ("reassigned", {PAYER})],
)
def test_r26_a_number_that_somebody_else_has_now_is_told_nothing(
    elira: LeaderAssignment, cause: str, readers: set[str]
) -> None:
    stop = freezes.number_changed(msisdn=ELIRA, cause=FreezeCause(cause), at=NOW)
    assert stop
    assert told("leader_frozen", f"F-{stop.pk}").keys() == readers
    leadership.revoke(assignment=elira, at=LATER)
    assert told("leader_revoked", elira.declaration.reference).keys() == readers


def test_r26_nor_is_it_told_that_another_leads_now(group: Group, elira: LeaderAssignment) -> None:
    freezes.number_changed(msisdn=ELIRA, cause=FreezeCause.REASSIGNED, at=NOW)
    reference = named(group, 2).declaration.reference
    assert told("leader_named", reference).keys() == {PAYER, BESNIK}


def test_r26_told_twice_by_the_crm_the_family_is_told_once(elira: LeaderAssignment) -> None:
    for _ in range(2):
        freezes.number_changed(msisdn=ELIRA, cause=FreezeCause.PORTED, at=NOW)
    assert OutgoingMessage.objects.filter(template="leader_frozen").count() == 2
