"""The Mobile Leader activates on the web: the same verb, the same words (R2, R9, R21, R25)."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from klikon.activation.activate import activate
from klikon.leader import freezes
from klikon.models import Activation, Channel, LeaderAssignment
from klikon.payer import limits
from superfamilja.messages.models import OutgoingMessage
from tests.factories import PromotionFactory, family_with_leader, terms_of_its_own
from tests.portal.families import signed_in

pytestmark = pytest.mark.django_db


class Shopping:
    """A Mobile Leader with a browser, who buys for the second member."""

    def __init__(self) -> None:
        self.group, self.leading = family_with_leader()
        self.member = self.group.memberships.get(seat=2)
        self.client = signed_in(self.leading.member.msisdn)
        self.path = reverse("leader_activates", args=[self.member.pk])

    def page(self) -> str:
        return self.client.get(self.path).content.decode()

    def key(self) -> str:
        found = re.search(r'name="key" value="([^"]+)"', self.page())
        assert found
        return found[1]

    def post(self, package: str, step: str, key: str, **typed: str) -> Any:
        return self.client.post(self.path, {"package": package, "step": step, "key": key, **typed})

    def spend(self, *packages: str) -> None:
        for number, package in enumerate(packages):
            activate(
                leader=self.leading.member.msisdn,
                member=self.member.msisdn,
                package=package,
                at=timezone.now(),
                channel=Channel.IVR,
                client="test",
                key=str(number),
                repeat_confirmed=True,
            )


@pytest.fixture
def shopping() -> Shopping:
    return Shopping()


def test_from_the_card_to_the_reference(shopping: Shopping) -> None:
    key = shopping.key()
    assert "Yes, activate Super 700" in shopping.post("S700", "check", key).content.decode()
    done = shopping.post("S700", "confirm", key)
    activation = Activation.objects.get()
    assert done.url == reverse("activated", args=[activation.pk])
    assert activation.reference in shopping.client.get(done.url).content.decode()
    assert (activation.channel, activation.charged_lek, activation.room_left) == ("web", 500, 6000)


def test_a_double_submit_and_the_back_button_give_one_activation(shopping: Shopping) -> None:
    key = shopping.key()
    answers = {shopping.post("S700", "confirm", key).url for _ in range(3)}
    assert shopping.post("S700", "check", key).url in answers
    assert (len(answers), Activation.objects.count()) == (1, 1)


def test_what_does_not_fit_says_why_and_what_is_left(shopping: Shopping) -> None:
    shopping.spend("S2000", "S2000", "S2000", "S700")
    page = re.sub(r"<[^>]+>", "", shopping.page())
    assert "does not fit: needs 800 Lekë, left 600 Lekë" in page
    refused = shopping.post("S1000", "confirm", shopping.key()).content.decode()
    assert "Super 700" in refused
    assert Activation.objects.filter(channel="web").count() == 0


def test_r6_the_price_that_the_page_showed_is_the_one_that_is_charged(shopping: Shopping) -> None:
    key = shopping.key()
    checked = shopping.post("S700", "check", key).content.decode()
    assert re.findall(r'name="charged_lek" value="(\d+)"', checked) == ["500"]
    terms_of_its_own(shopping.group, discount_lek=50)
    page = shopping.post("S700", "confirm", key, charged_lek="500").content.decode()
    assert "with Klik-ON it costs 650 Lekë now, and not 500 Lekë." in page
    assert re.findall(r'name="charged_lek" value="(\d+)"', page) == ["650"]
    assert not Activation.objects.exists()
    [key] = re.findall(r'name="key" value="([^"]+)"', page)
    shopping.post("S700", "confirm", key, charged_lek="650")
    assert Activation.objects.get().charged_lek == 650


def test_a_stale_page_whose_room_is_gone_is_refused_in_words(shopping: Shopping) -> None:
    key = shopping.key()
    shopping.spend("S2000", "S2000", "S2000", "S1200")
    page = shopping.post("S700", "confirm", key).content.decode()
    assert "This was not done." in page
    assert Activation.objects.filter(channel="web").count() == 0


def test_r25_asks_again_and_charges_once_more_only_after_the_yes(shopping: Shopping) -> None:
    shopping.spend("S700")
    page = shopping.post("S700", "confirm", shopping.key()).content.decode()
    assert "Yes, once more Super 700" in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    shopping.post("S700", "confirm", key[1], repeat_confirmed="on")
    assert Activation.objects.count() == 2


def test_a_cheaper_promotion_elsewhere_is_said_before_the_choice(shopping: Shopping) -> None:
    PromotionFactory(msisdn=shopping.member.msisdn, package_code="S1000", value=30)
    text = re.sub(r"<[^>]+>", "", shopping.page())
    assert "promotion makes it 700 Lekë in the shop" in text


def test_the_payers_own_limit_is_named_and_not_the_cap(shopping: Shopping) -> None:
    limits.set_limit(group=shopping.group, limit_lek=2000, at=timezone.now())
    page = re.sub(r"<[^>]+>", "", shopping.client.get(reverse("leader")).content.decode())
    assert "own limit counts here: 2.000 Lekë a month, left 2.000 Lekë" in page


def test_a_stopped_leader_sees_why_and_can_choose_nothing(shopping: Shopping) -> None:
    freezes.freeze(assignment=shopping.leading, at=timezone.now())
    page = shopping.client.get(reverse("leader")).content.decode()
    assert "Nothing can be activated now." in page
    assert shopping.path not in page


def test_the_leader_gives_the_leadership_back_and_both_are_told(shopping: Shopping) -> None:
    answer = shopping.client.post(reverse("leader_gives_back"), {"step": "confirm"})
    leading = LeaderAssignment.objects.get()
    assert answer.url == reverse("family")
    assert leading.ended_reason == "given back by the Mobile Leader"
    assert OutgoingMessage.objects.filter(template="leader_gave_back").count() == 2


def test_a_member_of_another_group_is_not_there(shopping: Shopping) -> None:
    other, _ = family_with_leader()
    path = reverse("leader_activates", args=[other.memberships.get(seat=1).pk])
    assert shopping.client.get(path).status_code == 404


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


@pytest.mark.parametrize("page", ["leader", "leader_activates", "member"])
def test_pages_ask_as_often_for_many_rows_as_for_few(shopping: Shopping, page: str) -> None:
    path = shopping.path if page == "leader_activates" else reverse(page)
    shopping.spend("S700")
    few = queries(shopping.client, path)
    shopping.spend("S700", "S1000", "S1200", "S1000")
    assert queries(shopping.client, path) == few
