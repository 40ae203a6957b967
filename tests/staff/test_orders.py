"""A person decides on an order that the system gave up; one page shows everything for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from billing import outcomes
from klikon.charging_simulator.server import Simulator
from klikon.provisioning import decisions, delivery
from klikon.provisioning.models import Order
from superfamilja.accounts.roles import AUDITOR, BILLING_REVIEWER, CARE_AGENT, STORE_CLERK
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.factories import entry
from tests.klikon.provisioning.charging import (
    NOW,
    after,
    behave,
    fate,
    ordered,
    simulator,
    times_given,
)
from tests.signing_in import staff_member
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def charging(settings: Settings) -> Iterator[Simulator]:
    with simulator(settings) as server:
        yield server


@pytest.fixture
def waiting(charging: Simulator) -> Order:
    """Return an order that stayed unanswered for a day of asking."""
    behave(charging, "cut")
    order = ordered()
    for ago in ({}, {"minutes": 5}, {"hours": 1}, {"days": 1}):
        delivery.deliver(order.reference, lambda ago=ago: after(**ago))
    assert fate(order) == ("person", "held")
    return order


def page(client: Client, order: Order) -> str:
    answer = client.get(reverse("admin:provisioning_order_change", args=[order.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def decide(client: Client, act: str, order: Order, reason: str = "asked by telephone") -> Any:
    return client.post(reverse(act, args=[order.pk]), {"reason": reason, "step": "confirm"})


def test_everything_is_on_one_page(waiting: Order) -> None:
    seen = page(signed_in(BILLING_REVIEWER), waiting)
    activation = waiting.activation
    for what in (
        activation.reference,
        activation.member.name,
        "500 Lekë, 11/2026",
        reverse("admin:klikon_activation_change", args=[activation.pk]),
        reverse("admin:billing_charge_change", args=[activation.charge_id]),
        "05.11.2026 14:05:00 · 1. sent",
        "06.11.2026 14:05:00 · 4. asked for",
        "4. answer: no answer that can be read",
        reverse("mark_order_done", args=[waiting.pk]),
        reverse("reverse_order", args=[waiting.pk]),
        reverse("ask_order_again", args=[waiting.pk]),
    ):
        assert what in seen


def test_the_activation_leads_to_its_order(waiting: Order) -> None:
    address = reverse("admin:klikon_activation_change", args=[waiting.activation.pk])
    seen = signed_in(CARE_AGENT).get(address).content.decode()
    assert reverse("admin:provisioning_order_change", args=[waiting.pk]) in seen


def test_marked_as_delivered_its_charge_settles(waiting: Order) -> None:
    decide(signed_in(BILLING_REVIEWER), "mark_order_done", waiting)
    assert fate(waiting) == ("done", "settled")
    assert Act.objects.filter(verb="mark_order_done", reason="asked by telephone").exists()


def test_r13_reversed_the_room_comes_back_and_three_people_are_told(waiting: Order) -> None:
    decide(signed_in(BILLING_REVIEWER), "reverse_order", waiting)
    assert fate(waiting) == ("failed", "reversed")
    assert entry(waiting.activation.contract).spent == 0
    told = OutgoingMessage.objects.filter(about=waiting.reference, template="activation_reversed")
    assert told.count() == 3


def test_asked_again_the_charging_system_says_what_it_knows(
    waiting: Order, charging: Simulator
) -> None:
    actor = staff_member(BILLING_REVIEWER)
    decisions.ask_again(order=waiting, actor=actor, at=after(days=2), reason="it is back")
    behave(charging, "fine")
    delivery.deliver(waiting.reference, lambda: after(days=2))
    assert fate(waiting) == ("done", "settled")
    assert times_given(charging, waiting) == 1


def test_asked_again_in_vain_it_comes_back_to_a_person(waiting: Order) -> None:
    actor = staff_member(BILLING_REVIEWER)
    decisions.ask_again(order=waiting, actor=actor, at=after(days=2), reason="it is back")
    delivery.deliver(waiting.reference, lambda: after(days=2))
    assert fate(waiting) == ("person", "held")


def test_a_decided_order_is_not_decided_again(waiting: Order) -> None:
    client = signed_in(BILLING_REVIEWER)
    decide(client, "mark_order_done", waiting)
    answer = decide(client, "reverse_order", waiting).content.decode()
    assert "does not wait for a person any more" in answer
    assert fate(waiting) == ("done", "settled")


def test_without_a_reason_nothing_is_decided(waiting: Order) -> None:
    with pytest.raises(ReasonMissing):
        decisions.reverse(order=waiting, actor=staff_member(BILLING_REVIEWER), at=NOW, reason=" ")
    assert fate(waiting) == ("person", "held")


def test_what_was_delivered_although_reversed_cannot_be_marked_as_delivered(
    charging: Simulator,
) -> None:
    behave(charging, "silent")
    order = ordered()
    delivery.deliver(order.reference, lambda: NOW)
    outcomes.reverse(reference=order.reference, at=NOW, reason="the payer called")
    behave(charging, "fine")
    delivery.deliver(order.reference, lambda: after(minutes=5))
    client = signed_in(BILLING_REVIEWER)
    assert "was reversed" in decide(client, "mark_order_done", order).content.decode()
    decide(client, "reverse_order", order)
    assert fate(order) == ("failed", "reversed")


@pytest.mark.parametrize(
    ("role", "status"),
    [(CARE_AGENT, 403), (STORE_CLERK, 403), (AUDITOR, 403), (BILLING_REVIEWER, 200)],
)
def test_who_may_decide(waiting: Order, role: str, status: int) -> None:
    client = signed_in(role)
    for act in ("mark_order_done", "reverse_order", "ask_order_again"):
        assert client.get(reverse(act, args=[waiting.pk])).status_code == status


def test_those_who_may_not_decide_are_offered_nothing(waiting: Order) -> None:
    assert reverse("reverse_order", args=[waiting.pk]) not in page(signed_in(CARE_AGENT), waiting)


def test_the_register_shows_who_waits_for_a_person(waiting: Order) -> None:
    ordered()
    address = reverse("admin:provisioning_order_changelist")
    seen = signed_in(BILLING_REVIEWER).get(address, {"state__exact": "person"}).content.decode()
    assert waiting.reference in seen
    assert "1 order" in seen
