"""What the payer says about a charge, and the PIN that they set for the phone."""

import re
import secrets

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import disputes
from billing.models import Dispute
from groups.models import Group
from klikon.activation.activate import activate
from klikon.leader import phone_pin
from klikon.models import Activation, Channel, LeaderAssignment, PhonePin
from superfamilja.accounts.roles import CARE_AGENT
from tests.factories import family_with_leader
from tests.portal.families import signed_in
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> tuple[Group, Activation, Client]:
    group, leading = family_with_leader()
    number = leading.member.msisdn
    done = activate(
        leader=number,
        member=number,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="test",
        key="one",
    )
    return group, done, signed_in(group.contract.contact_msisdn)


def say(client: Client, path: str, text: str, key: str = "") -> None:
    answer = client.post(
        path, {"text": text, "key": key or secrets.token_urlsafe(32), "step": "confirm"}
    )
    assert answer.status_code == 302


def text_of(client: Client, path: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(path).content.decode()).split())


def test_i_know_it_is_noted_once(home: tuple[Group, Activation, Client]) -> None:
    _, done, client = home
    for _ in range(2):
        client.post(reverse("payer_knows", args=[done.charge_id]))
    page = text_of(client, reverse("payer_charge", args=[done.charge_id]))
    assert "You said that you know this charge." in page


def test_a_question_is_asked_answered_and_becomes_a_complaint_in_one_place(
    home: tuple[Group, Activation, Client],
) -> None:
    group, done, client = home
    charge = reverse("payer_charge", args=[done.charge_id])
    say(client, reverse("payer_asks", args=[done.charge_id]), "Kush e kërkoi?")
    asked = Dispute.objects.get(charge=done.charge_id)
    assert f"{asked.reference} answer until" in text_of(client, charge)
    disputes.answer(
        dispute=asked,
        text="Lideri Mobile, me 130.",
        key="a",
        at=timezone.now(),
        actor=staff_member(CARE_AGENT),
    )
    assert "Our answer" in text_of(client, charge)
    say(client, reverse("payer_complains", args=[asked.pk]), "Nuk jam dakord.")
    asked.refresh_from_db()
    assert asked.is_complaint
    assert "Complaint" in text_of(client, charge)
    assert asked.reference in text_of(client, reverse("payer", args=[group.contract_id]))


def test_a_question_sent_twice_is_one_word(home: tuple[Group, Activation, Client]) -> None:
    _, done, client = home
    key = secrets.token_urlsafe(32)
    for _ in range(2):
        say(client, reverse("payer_asks", args=[done.charge_id]), "Kush?", key)
    assert Dispute.objects.get(charge=done.charge_id).conversation.count() == 1


def test_an_empty_question_keeps_the_page_and_says_what_is_missing(
    home: tuple[Group, Activation, Client],
) -> None:
    _, done, client = home
    page = client.post(
        reverse("payer_asks", args=[done.charge_id]),
        {"text": "", "key": secrets.token_urlsafe(32), "step": "check"},
    )
    assert "Write what you want to ask." in page.content.decode()


def set_pin(client: Client, group: Group, pin: str, again: str = "") -> str:
    page = client.post(
        reverse("payer_sets_pin", args=[group.contract_id]),
        {"pin": pin, "again": again or pin, "step": "confirm"},
        follow=True,
    )
    return str(page.content.decode())


def test_a_pin_is_set_and_stands_on_no_page(home: tuple[Group, Activation, Client]) -> None:
    group, _, client = home
    page = set_pin(client, group, "739158")
    assert "739158" not in page
    leader = LeaderAssignment.objects.get(group=group)
    phone_pin.check(leader=leader, pin="739158", at=timezone.now())


@pytest.mark.parametrize(
    ("pin", "again", "said"),
    [
        ("739158", "739159", "The two PINs differ"),
        ("1234", "1234", "This was not done."),
        ("73", "73", "This was not done."),
    ],
)
def test_a_pin_that_will_not_do_is_refused_in_words_and_not_shown_again(
    home: tuple[Group, Activation, Client], pin: str, again: str, said: str
) -> None:
    group, _, client = home
    page = set_pin(client, group, pin, again)
    assert said in page
    assert f'value="{pin}"' not in page
    assert not PhonePin.objects.filter(assignment__group=group).exists()


def test_a_locked_phone_is_unlocked_and_a_pin_taken_away(
    home: tuple[Group, Activation, Client],
) -> None:
    group, _, client = home
    set_pin(client, group, "739158")
    PhonePin.objects.filter(assignment__group=group).update(wrong_tries=3, locked_at=timezone.now())
    page = client.get(reverse("payer", args=[group.contract_id])).content.decode()
    assert reverse("payer_unlocks_phone", args=[group.contract_id]) in page
    client.post(reverse("payer_unlocks_phone", args=[group.contract_id]), {"step": "confirm"})
    assert PhonePin.objects.get(assignment__group=group).locked_at is None
    client.post(reverse("payer_removes_pin", args=[group.contract_id]), {"step": "confirm"})
    assert PhonePin.objects.get(assignment__group=group).ended_at is not None
