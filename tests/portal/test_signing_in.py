"""Test the families' door: one number, six digits, and nothing for a stranger to find or use."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Group
from klikon.leader import freezes
from klikon.models import FreezeCause
from superfamilja.customers import codes, gate
from superfamilja.customers.models import Account, OneTimeCode
from superfamilja.customers.refusals import CodeOver, TooManyCodes, TooManyCodesAtCounters
from superfamilja.messages.models import OutgoingMessage
from superfamilja.messages.outbox import Sms
from tests.factories import ContractFactory, MembershipFactory, at, family
from tests.portal.families import code_sent_to, session_of, signed_in

pytestmark = pytest.mark.django_db
NOW = at("2026-11-20 10:00")
NUMBER = "+355671234567"


def ask(client: Client, number: str) -> str:
    """Ask for a code; return the page that follows."""
    page = client.post(reverse("family_sign_in"), {"number": number}, follow=True)
    return str(page.content.decode())


def type_code(client: Client, code: str, **typed: str) -> str:
    page = client.post(reverse("family_code"), {"code": code, **typed}, follow=True)
    return str(page.content.decode())


def payer() -> tuple[Group, str]:
    group = family()
    return group, group.contract.contact_msisdn


def send_code(
    about: str = "", known: bool = False, address: str = "10.0.0.1", late: int = 0
) -> int:
    """Send one more code for NUMBER; return its id."""
    return codes.send(
        msisdn=NUMBER,
        purpose="sign_in",
        at=NOW + timedelta(minutes=late),
        address=address,
        about=about,
        known_browser=known,
        sms=lambda digits: Sms(
            to=NUMBER,
            template="sign_in_code",
            language="sq",
            why="sign_in",
            about="",
            contract_number="",
            parameters={"code": digits},
        ),
    ).pk


def use_code(pk: int, typed: str, minutes: float = 1) -> None:
    codes.check(
        pk, msisdn=NUMBER, purpose="sign_in", typed=typed, at=NOW + timedelta(minutes=minutes)
    )


@pytest.mark.parametrize("written", ["0{}", "+355{}", "00355 {}", "0{} "])
def test_the_number_is_understood_however_it_is_typed(written: str) -> None:
    _, number = payer()
    client = Client()
    ask(client, written.format(number[4:]))
    type_code(client, code_sent_to(number))
    assert Account.objects.get().msisdn == number


def test_a_number_that_is_not_on_file_gets_the_same_page_and_no_sms() -> None:
    _, number = payer()
    known, unknown = ask(Client(), number), ask(Client(), "+355671999999")
    # Only the three digits of the number and the token of the form differ.
    plain = [
        page.split("<main")[1].split("csrfmiddlewaretoken")[0].replace(digits, "")
        for page, digits in ((known, number[-3:]), (unknown, "999"))
    ]
    assert plain[0] == plain[1]
    assert OutgoingMessage.objects.count() == 1


def test_what_cannot_be_a_number_is_said_and_kept() -> None:
    page = ask(Client(language="en"), "067 12")
    assert 'value="067 12"' in page
    assert "067 123 4567" in page


def test_a_code_is_kept_as_its_digest_only() -> None:
    pk = send_code()
    assert code_sent_to(NUMBER) not in str(OneTimeCode.objects.filter(pk=pk).values()[0])


def test_a_code_is_good_for_one_use() -> None:
    pk = send_code()
    use_code(pk, code_sent_to(NUMBER))
    with pytest.raises(CodeOver):
        use_code(pk, code_sent_to(NUMBER))


def test_a_code_lives_for_ten_minutes() -> None:
    pk = send_code()
    with pytest.raises(CodeOver):
        use_code(pk, code_sent_to(NUMBER), minutes=10)


def test_the_third_wrong_try_is_the_last() -> None:
    pk = send_code()
    for left in ("2", "1"):
        with pytest.raises(codes.CodeWrong) as refused:
            use_code(pk, "000000")
        assert str(refused.value.details["left"]) == left
    with pytest.raises(CodeOver):
        use_code(pk, "000000")
    with pytest.raises(CodeOver):
        use_code(pk, code_sent_to(NUMBER))


def test_strangers_cannot_use_up_the_owners_codes_of_the_day() -> None:
    for turn in range(5):
        send_code(address=f"10.0.1.{turn}", late=turn)
    with pytest.raises(TooManyCodes):
        send_code(address="10.0.1.9", late=6)
    assert send_code(known=True, late=7)


def code_at_a_counter(late: int) -> int:
    """Make one more code for NUMBER that a clerk reads out; return its id."""
    return codes.send(
        msisdn=NUMBER,
        purpose="declare_in_a_shop",
        at=NOW + timedelta(minutes=late),
        address="10.0.0.7",
        at_a_counter=True,
        sms=None,
    ).pk


def test_strangers_who_use_up_their_codes_do_not_shut_the_shop() -> None:
    for turn in range(5):
        send_code(address=f"10.0.1.{turn}", late=turn)
    assert code_at_a_counter(6)


def test_codes_of_shops_are_ten_a_day_and_take_nothing_from_the_web(settings: Any) -> None:
    settings.FAMILY_CODES_AN_HOUR = 1
    for turn in range(10):
        code_at_a_counter(turn)
    with pytest.raises(TooManyCodesAtCounters):
        code_at_a_counter(11)
    assert send_code(address="10.0.0.7", late=12)
    assert code_at_a_counter(24 * 60 + 1)


def test_control_counted_like_a_browsers_codes_they_would_shut_the_shop() -> None:
    for turn in range(5):
        send_code(address=f"10.0.1.{turn}", late=turn)
    with pytest.raises(TooManyCodes):
        codes.send(msisdn=NUMBER, purpose="declare_in_a_shop", at=NOW, address="10.0.0.7", sms=None)


def test_an_address_of_strangers_gets_a_limited_number_of_codes_an_hour(settings: Any) -> None:
    settings.FAMILY_CODES_AN_HOUR = 3
    for turn in range(3):
        codes.send(
            msisdn=f"+35567200{turn:04}", purpose="sign_in", at=NOW, address="10.0.0.7", sms=None
        )
    with pytest.raises(TooManyCodes):
        codes.send(msisdn=NUMBER, purpose="sign_in", at=NOW, address="10.0.0.7", sms=None)


def test_codes_of_known_browsers_do_not_count_for_strangers(settings: Any) -> None:
    settings.FAMILY_CODES_AN_HOUR = 2
    for turn in range(4):
        send_code(known=True, late=turn)
    assert send_code(late=5)


def test_a_number_that_is_not_on_file_is_let_in_by_no_code(monkeypatch: Any) -> None:
    monkeypatch.setattr(codes.secrets, "randbelow", lambda _n: 123456)
    pk = codes.send(msisdn=NUMBER, purpose="sign_in", at=NOW, address="10.0.0.1", sms=None).pk
    with pytest.raises(codes.CodeWrong):
        use_code(pk, "123456")


def test_a_session_of_a_number_that_two_owners_gave_meanwhile_ends() -> None:
    group, number = payer()
    client = signed_in(number)
    MembershipFactory(msisdn=number)
    ContractFactory(contact_msisdn=number, owner_nid="K20000002B")
    assert client.get(reverse("member")).status_code == 302
    assert client.get(reverse("payer", args=[group.contract_id])).status_code == 302


def test_a_members_session_does_not_become_the_payers_without_a_code() -> None:
    member = family().memberships.get(seat=1)
    client = signed_in(member.msisdn)
    contract = ContractFactory(contact_msisdn=member.msisdn)
    assert client.get(reverse("payer", args=[contract.pk])).status_code == 302


def test_r26_a_number_that_changed_hands_is_signed_out_everywhere() -> None:
    member = family().memberships.get(seat=1)
    client = signed_in(member.msisdn)
    freezes.number_changed(msisdn=member.msisdn, cause=FreezeCause.SIM_SWAPPED, at=timezone.now())
    assert client.get(reverse("member")).status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_nobody_is_sent_to_another_site_after_the_sign_in(target: str) -> None:
    _, number = payer()
    client = Client()
    ask(client, number)
    session = session_of(client)
    session["next"] = target
    session.save()
    answer = client.post(reverse("family_code"), {"code": code_sent_to(number)})
    assert answer.url == reverse("family")


def test_what_one_number_typed_is_not_shown_to_the_next() -> None:
    group, number = payer()
    client = signed_in(number)
    path = reverse("payer_sets_limit", args=[group.contract_id])
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        client.post(path, {"whom": "", "limit_lek": "2345", "step": "check"})
        _, other = payer()
        ask(client, other)
        type_code(client, code_sent_to(other))
        assert gate.LOST not in session_of(client)


def test_old_codes_are_forgotten_when_no_limit_counts_them() -> None:
    send_code()
    assert codes.forget(NOW + timedelta(days=1)) == 0
    assert codes.forget(NOW + timedelta(days=3)) == 1


def test_a_browser_that_signed_in_before_is_known_and_no_other() -> None:
    _, number = payer()
    client = Client()
    ask(client, number)
    type_code(client, code_sent_to(number))
    client.post(reverse("family_sign_out"))
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        ask(client, number)
    assert list(OneTimeCode.objects.order_by("pk").values_list("known_browser", flat=True)) == [
        False,
        True,
    ]


def test_a_new_session_begins_with_the_sign_in() -> None:
    _, number = payer()
    client = Client()
    ask(client, number)
    before = session_of(client).session_key
    type_code(client, code_sent_to(number))
    assert session_of(client).session_key != before


@pytest.mark.parametrize(("minutes", "stays"), [(29, True), (31, False)])
def test_thirty_minutes_without_a_click_end_a_session(minutes: int, stays: bool) -> None:
    group, number = payer()
    client = signed_in(number)
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        page = client.get(reverse("payer", args=[group.contract_id]))
    assert (page.status_code == 200) is stays


@pytest.mark.parametrize(("days", "stays"), [(29, True), (31, False)])
def test_a_remembered_phone_stays_signed_in_for_thirty_days(days: int, stays: bool) -> None:
    group, number = payer()
    client = Client()
    ask(client, number)
    type_code(client, code_sent_to(number), remember="on")
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        page = client.get(reverse("payer", args=[group.contract_id]))
    assert (page.status_code == 200) is stays


def test_signing_out_everywhere_ends_the_other_phone_too() -> None:
    group, number = payer()
    here, there = signed_in(number), signed_in(number)
    here.post(reverse("family_sign_out_everywhere"))
    assert there.get(reverse("payer", args=[group.contract_id])).status_code == 302


def test_a_number_that_two_owners_gave_opens_nothing_and_is_sent_to_the_shop() -> None:
    _, number = payer()
    ContractFactory(contact_msisdn=number, owner_nid="K20000002B")
    client = Client()
    client.cookies["django_language"] = "en"
    ask(client, number)
    assert "come to a shop" in type_code(client, code_sent_to(number))
    assert gate.ACCOUNT not in session_of(client)


def test_one_owner_of_two_contracts_chooses_between_them() -> None:
    group, number = payer()
    second = ContractFactory(contact_msisdn=number)
    page = signed_in(number).get(reverse("family")).content.decode()
    assert reverse("payer", args=[group.contract_id]) in page
    assert reverse("payer", args=[second.pk]) in page


def test_the_sign_in_leads_to_the_page_that_was_asked_for() -> None:
    group, number = payer()
    client = Client()
    wanted = reverse("payer_bills", args=[group.contract_id])
    client.get(wanted)
    ask(client, number)
    page = client.post(reverse("family_code"), {"code": code_sent_to(number)})
    assert page.url == wanted


def test_codes_are_shown_to_no_member_of_staff(settings: object) -> None:
    send_code()
    settings.DEMONSTRATION = False  # type: ignore[attr-defined]
    assert OutgoingMessage.objects.get().words == "•••"
