"""R28 for the payer: opening the page approves nothing, its button does."""

import secrets

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Group
from klikon.activation.activate import activate
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import freezes
from klikon.models import Activation, AskAbove, Channel, LeaderAssignment, WaitingRequest
from klikon.payer import asking
from tests.factories import family_with_leader, terms_of_its_own
from tests.portal.families import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> tuple[Group, Client]:
    group, _ = family_with_leader()
    return group, signed_in(group.contract.contact_msisdn)


def waiting(group: Group, package: str = "S1000") -> WaitingRequest:
    """Make a request that waits for a payer who is asked above 500 Lek."""
    asking.set_ask_above(group=group, above_lek=500, at=timezone.now())
    leader = group.memberships.get(seat=1)
    answer = activate(
        leader=leader.msisdn,
        member=group.memberships.get(seat=2).msisdn,
        package=package,
        at=timezone.now(),
        channel=Channel.IVR,
        client="test",
        key=secrets.token_urlsafe(24),
    )
    assert isinstance(answer, WaitingForTheFixedLeader)
    return WaitingRequest.objects.get(group=group)


def test_the_amount_is_set_checked_changed_and_lifted(home: tuple[Group, Client]) -> None:
    group, client = home
    path = reverse("payer_is_asked", args=[group.contract_id])
    assert "800 Lekë" in client.post(path, {"above_lek": "800", "step": "check"}).content.decode()
    client.post(path, {"above_lek": "800", "step": "confirm"})
    assert AskAbove.objects.get(group=group, ended_at=None).above_lek == 800
    client.post(reverse("payer_not_asked", args=[group.contract_id]), {"step": "confirm"})
    assert not AskAbove.objects.filter(group=group, ended_at=None).exists()


def test_opening_the_request_approves_nothing(home: tuple[Group, Client]) -> None:
    group, client = home
    asked = waiting(group)
    assert client.get(reverse("payer_decides", args=[asked.pk])).status_code == 200
    assert not Activation.objects.filter(group=group).exists()


def test_the_yes_activates_and_leads_to_the_charge(home: tuple[Group, Client]) -> None:
    group, client = home
    asked = waiting(group)
    path = reverse("payer_decides", args=[asked.pk])
    answer = client.post(path, {"step": "confirm", "answer": "yes"})
    done = Activation.objects.get(group=group)
    assert answer.url == reverse("payer_charge", args=[done.charge_id])
    assert (done.charged_lek, done.channel) == (800, "ivr")
    assert client.post(path, {"step": "confirm", "answer": "yes"}).url == answer.url
    assert Activation.objects.filter(group=group).count() == 1


def test_the_no_charges_nothing_and_is_the_end(home: tuple[Group, Client]) -> None:
    group, client = home
    asked = waiting(group)
    path = reverse("payer_decides", args=[asked.pk])
    client.post(path, {"step": "confirm", "answer": "no"})
    asked.refresh_from_db()
    assert asked.outcome == "declined"
    page = client.post(path, {"step": "confirm", "answer": "yes"}).content.decode()
    assert "This was not done." in page
    assert not Activation.objects.filter(group=group).exists()


def test_a_yes_after_the_leader_was_stopped_is_refused_in_words(
    home: tuple[Group, Client],
) -> None:
    group, client = home
    asked = waiting(group)
    freezes.freeze(assignment=LeaderAssignment.objects.get(group=group), at=timezone.now())
    page = client.post(
        reverse("payer_decides", args=[asked.pk]), {"step": "confirm", "answer": "yes"}
    ).content.decode()
    assert "This was not done." in page
    assert "This request is over:" in page


def test_home_shows_what_waits_first_of_all(home: tuple[Group, Client]) -> None:
    group, client = home
    asked = waiting(group)
    page = client.get(reverse("payer", args=[group.contract_id])).content.decode()
    assert reverse("payer_decides", args=[asked.pk]) in page


def test_the_leader_is_told_beforehand_and_afterwards_that_it_waits() -> None:
    group, leading = family_with_leader()
    asking.set_ask_above(group=group, above_lek=500, at=timezone.now())
    client = signed_in(leading.member.msisdn)
    path = reverse("leader_activates", args=[leading.member.pk])
    typed = {"package": "S1000", "key": secrets.token_urlsafe(32)}
    check = client.post(path, {**typed, "step": "check"}).content.decode()
    assert "The Fixed Leader is asked first" in check
    page = client.post(path, {**typed, "step": "confirm"}, follow=True).content.decode()
    assert "waits for the Fixed Leader, until" in page
    assert not Activation.objects.filter(group=group).exists()


def test_a_price_that_changed_is_shown_and_asked_for_anew(home: tuple[Group, Client]) -> None:
    group, client = home
    path = reverse("payer_decides", args=[waiting(group).pk])
    assert 'name="charged_lek" value="800"' in client.get(path).content.decode()
    terms_of_its_own(group, discount_lek=100)
    typed = {"step": "confirm", "answer": "yes", "charged_lek": "800"}
    page = client.post(path, typed).content.decode()
    assert "with Klik-ON it costs 900 Lekë now, and not 800 Lekë. Nothing was charged." in page
    assert "The price has changed since it was asked for: then it was" in page
    assert 'name="charged_lek" value="900"' in page
    assert not Activation.objects.filter(group=group).exists()
    client.post(path, {**typed, "charged_lek": "900"})
    assert Activation.objects.get(group=group).charged_lek == 900
