"""The dialogue on the real house: the same verbs, rules and words as every other channel."""

from datetime import timedelta

import pytest

from groups import membership
from groups.models import ContractStatus
from klikon.ivr.facts import CallFacts
from klikon.ivr.models import CallerLanguage
from klikon.leader import freezes, phone_pin
from klikon.models import Activation, LeaderAssignment
from klikon.payer import asking
from superfamilja.messages.models import OutgoingMessage
from tests.factories import (
    ContractFactory,
    OwnLimitFactory,
    PromotionFactory,
    at,
    charge,
    family_with_leader,
    terms_of_its_own,
)
from tests.klikon.ivr.calling import Phoned
from tests.proofs import payers_word

NOW = at("2026-11-05 14:05")

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def phoned(number: str, call_id: str = "a", moment=NOW) -> Phoned:
    return Phoned(CallFacts(adapter="sip", call_id=call_id, clock=lambda: moment), number)


def lek_spent() -> list[int]:
    return list(Activation.objects.order_by("pk").values_list("charged_lek", flat=True))


def test_a_leader_activates_by_phone(leader: LeaderAssignment) -> None:
    call = phoned(leader.member.msisdn).press("211")
    activation = Activation.objects.get()
    assert (activation.channel, activation.charged_lek, activation.client) == ("ivr", 500, "ivr")
    assert "Këtë muaj mbeten 6000 Lekë." in call.new_words()


def test_what_the_member_has_is_said_and_until_when(leader: LeaderAssignment) -> None:
    phoned(leader.member.msisdn, "first").press("221")  # Super 1000
    call = phoned(leader.member.msisdn, "second", NOW + timedelta(days=2))
    call.new_words()
    assert "Aktive: Super 1000, deri më 3 dhjetor." in call.press("2").new_words()


def test_what_the_member_has_twice_is_said_once_with_the_last_day(
    leader: LeaderAssignment,
) -> None:
    phoned(leader.member.msisdn, "first").press("211")
    phoned(leader.member.msisdn, "second", NOW + timedelta(days=2)).press("211")
    call = phoned(leader.member.msisdn, "third", NOW + timedelta(days=3)).press("2")
    assert call.heard.count("active") == 1
    assert "Aktive: Super 700, deri më 5 dhjetor." in call.new_words()


def test_the_reference_is_in_the_leaders_sms(leader: LeaderAssignment) -> None:
    phoned(leader.member.msisdn).press("211")
    sms = OutgoingMessage.objects.filter(recipient=leader.member.msisdn).latest("pk")
    assert sms.parameters["reference"] == Activation.objects.get().reference


def test_e16_who_calls_again_after_the_line_dropped_is_told_and_charged_once(
    leader: LeaderAssignment,
) -> None:
    phoned(leader.member.msisdn, "first").press("211")  # and the line drops
    again = phoned(leader.member.msisdn, "second", NOW + timedelta(minutes=3)).press("21")
    assert "është tashmë aktive, nga 5 nëntor ora 14 05 deri më 3 dhjetor" in again.new_words()
    assert again.path[-1] == "again"
    assert lek_spent() == [500]


def test_e16_only_another_yes_charges_once_more(leader: LeaderAssignment) -> None:
    phoned(leader.member.msisdn, "first").press("211")
    phoned(leader.member.msisdn, "second", NOW + timedelta(minutes=3)).press("21" + "1" + "1")
    assert lek_spent() == [500, 500]


def test_r6_a_price_that_changes_after_it_was_heard_is_not_charged(
    leader: LeaderAssignment,
) -> None:
    call = phoned(leader.member.msisdn).press("21")
    terms_of_its_own(leader.group, discount_lek=50)
    call.press("1")
    assert (call.path[-1], lek_spent()) == ("price", [])
    call.press("1")
    assert lek_spent() == [650]


def test_two_purchases_in_one_call_are_two_charges(leader: LeaderAssignment) -> None:
    phoned(leader.member.msisdn).press("211" + "1" + "311")
    assert lek_spent() == [500, 500]


def test_the_same_yes_of_the_same_call_is_charged_once(leader: LeaderAssignment) -> None:
    phoned(leader.member.msisdn, "a").press("211")
    phoned(leader.member.msisdn, "a").press("2" + "1" + "1")  # R25 asks: another content, refused
    assert lek_spent() == [500]


def test_at_the_cap_the_refusal_is_that_of_every_channel(leader: LeaderAssignment) -> None:
    charge(leader.group.contract, 6500, "2026-11-04 10:00")
    call = phoned(leader.member.msisdn).press("2")
    assert "vetëm 0 Lekë" in call.new_words()


def test_r27_what_is_left_is_the_groups_and_a_members_own_limit_is_said_with_him(
    leader: LeaderAssignment,
) -> None:
    OwnLimitFactory(group=leader.group, member=leader.member, limit_lek=600)
    call = phoned(leader.member.msisdn)
    assert "Këtë muaj mbeten 6500 Lekë." in call.new_words()
    limit = "Nga kufiri që Lideri Fiks vendosi për këtë anëtar, këtë muaj mbeten 600 Lekë."
    assert limit in call.press("1").new_words()
    assert "Pastaj nga kufiri i këtij anëtari mbeten 100 Lekë." in call.press("1").new_words()
    assert "Këtë muaj mbeten 6000 Lekë." in call.press("1").new_words()


def test_r27_a_members_own_limit_is_said_also_where_everything_fits(
    leader: LeaderAssignment,
) -> None:
    OwnLimitFactory(group=leader.group, member=leader.member, limit_lek=3000)
    call = phoned(leader.member.msisdn).press("1")
    assert "këtë muaj mbeten 3000 Lekë." in call.new_words()
    other = phoned(leader.member.msisdn, "b").press("2")
    assert "too_dear_member" not in other.heard


def test_where_no_pin_is_set_the_call_goes_on_with_what_needs_none(
    leader: LeaderAssignment,
) -> None:
    terms_of_its_own(leader.group, pin_above_lek=800)
    call = phoned(leader.member.msisdn).press("25")
    assert (call.path[-1], call.turn.wants.choices) == ("packages", "12")
    call.press("11")
    assert lek_spent() == [500]


def test_a_promotion_that_is_cheaper_elsewhere_is_said_before_the_choice(
    leader: LeaderAssignment,
) -> None:
    PromotionFactory(msisdn=leader.member.msisdn, package_code="S1000", value=30)
    call = phoned(leader.member.msisdn).press("1")
    assert "Super 1000 kushton më pak në dyqan: 700 Lekë." in call.new_words()


def test_a_frozen_leader_hears_that_he_is_stopped(leader: LeaderAssignment) -> None:
    freezes.freeze(assignment=leader, at=NOW)
    assert phoned(leader.member.msisdn).heard[:2] == ["welcome", "leader_frozen"]


def test_a_suspended_contract_is_named(leader: LeaderAssignment) -> None:
    contract = leader.group.contract
    contract.status = ContractStatus.SUSPENDED
    contract.save()
    assert phoned(leader.member.msisdn).heard[1] == "contract_suspended"


def test_the_leader_of_a_closed_group_hears_that_it_is_closed(leader: LeaderAssignment) -> None:
    membership.close_group(group=leader.group, at=NOW)
    assert phoned(leader.member.msisdn).heard[1] == "group_closed"


def test_members_and_strangers_hear_the_same(leader: LeaderAssignment) -> None:
    member = leader.group.memberships.get(seat=2)
    assert phoned(member.msisdn).heard == phoned("+355680000008").heard


def test_the_payer_hears_who_leads_and_stops_him(leader: LeaderAssignment) -> None:
    payer = leader.group.contract.contact_msisdn
    call = phoned(payer).press("8")
    assert "payer_leader" in call.heard
    assert leader.freezes.get().reason == "asked for by phone by the Fixed Leader"


def test_a_number_that_two_owners_gave_is_nobodys_on_the_phone(leader: LeaderAssignment) -> None:
    payer = leader.group.contract.contact_msisdn
    ContractFactory(contact_msisdn=payer, owner_nid="K20000002B")
    assert phoned(payer).heard == phoned("+355680000008").heard


def test_a_payer_of_two_contracts_hears_of_the_one_that_is_led(leader: LeaderAssignment) -> None:
    contract = leader.group.contract
    other = ContractFactory(owner_nid=contract.owner_nid)
    contract.contact_msisdn = other.contact_msisdn
    contract.save()
    assert "payer_leader" in phoned(other.contact_msisdn).heard


def test_a_locked_phone_says_so_to_the_leader(leader: LeaderAssignment) -> None:
    phone_pin.set_pin(
        proof=payers_word(leader.group.contract, NOW), leader=leader, pin="4071", at=NOW
    )
    for _ in range(3):
        with pytest.raises(phone_pin.Refusal):
            phone_pin.check(leader=leader, pin="9305", at=NOW)
    assert phoned(leader.member.msisdn).heard[1] == "phone_locked"


def test_what_waits_for_the_payer_charges_nothing(leader: LeaderAssignment) -> None:
    asking.set_ask_above(group=leader.group, above_lek=0, at=NOW)
    call = phoned(leader.member.msisdn).press("211")
    assert (call.heard[-2:], lek_spent()) == (["waiting_sms", "another"], [])


def test_english_is_remembered_for_the_number(leader: LeaderAssignment) -> None:
    phoned(leader.member.msisdn).press("5")
    assert CallerLanguage.objects.get().language == "en"
    assert phoned(leader.member.msisdn, "b").new_words().startswith("Welcome to Klik-ON.")


def test_what_was_activated_this_month_is_read(leader: LeaderAssignment) -> None:
    phoned(leader.member.msisdn).press("211")
    call = phoned(leader.member.msisdn, "b", NOW + timedelta(hours=1))
    call.new_words()
    assert call.press("9").new_words().startswith("Super 700, 500 Lekë, më 5 nëntor, për: ")
