"""Callbacks before the answer, twice, late and against it: one true state."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from standardwebhooks import Webhook

from klikon.charging_simulator.server import Simulator
from klikon.provisioning import delivery
from klikon.provisioning.models import Order, UnknownCallback
from tests.klikon.provisioning.charging import (
    NOW,
    behave,
    fate,
    ordered,
    simulator,
    statement,
    times_given,
)

pytestmark = pytest.mark.django_db

OLD, NEW = "whsec_b2xkIGtleSBvZiB0aGUgY2hhcmdpbmc=", "whsec_bmV3IGtleSBvZiB0aGUgY2hhcmdpbmc="
STRANGER = "whsec_c29tZWJvZHkgZWxzZSBhbHRvZ2V0aGVy"


@pytest.fixture(autouse=True)
def two_live_keys(settings: Settings) -> Iterator[None]:
    settings.CHARGING_CALLBACK_KEYS = [OLD, NEW]
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def charging(settings: Settings) -> Iterator[Simulator]:
    with simulator(settings) as server:
        yield server


def tell(
    order: Order, state: str, key: str = NEW, message: str = "m1", ago: int = 0, **more: Any
) -> HttpResponse:
    """Send a callback about what was ordered, as the charging system does."""
    return say({**vars(statement(order, state)), **more}, key, message, ago)


def say(said: Any, key: str = NEW, message: str = "m1", ago: int = 0) -> HttpResponse:
    """Send any content, signed."""
    body = json.dumps(said)
    signed_at = datetime.now(UTC) - timedelta(seconds=ago)
    return Client().post(
        reverse("charging_callback"),
        body,
        content_type="application/json",
        headers={
            "webhook-id": message,
            "webhook-timestamp": str(int(signed_at.timestamp())),
            "webhook-signature": Webhook(key).sign(message, signed_at, body),
        },
    )


def deliver(order: Order) -> Any:
    return delivery.deliver(order.reference, lambda: NOW)


@pytest.mark.parametrize("key", [OLD, NEW])
def test_a_callback_before_the_answer_settles_with_either_live_key(key: str) -> None:
    order = ordered()
    assert tell(order, "done", key).status_code == 204
    assert fate(order) == ("done", "settled")


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"key": STRANGER}, 401), ({"ago": 301}, 401), ({"ago": -301}, 401), ({"ago": 299}, 204)],
)
def test_who_is_believed(changed: dict[str, Any], status: int) -> None:
    order = ordered()
    assert tell(order, "done", **changed).status_code == status
    assert fate(order) == (("done", "settled") if status == 204 else ("ordered", "held"))


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,%%", "v2,abc", "nonsense without"])
def test_a_signature_of_another_shape_is_none(signature: str) -> None:
    headers = {"webhook-id": "m", "webhook-timestamp": str(int(NOW.timestamp()))}
    answer = Client().post(
        reverse("charging_callback"),
        "{}",
        content_type="application/json",
        headers={**headers, "webhook-signature": signature},
    )
    assert answer.status_code == 401


def test_the_same_callback_twice_is_one_fact() -> None:
    order = ordered()
    assert [tell(order, "done").status_code for _time in range(2)] == [204, 204]
    assert order.events.count() == 1


def test_the_answer_after_its_callback_changes_nothing(charging: Simulator) -> None:
    order = ordered()
    claim = delivery._claim(NOW, order.reference)
    assert claim is not None
    answer = delivery._talk(claim)
    tell(order, "done")
    delivery.record(claim, answer, NOW)
    assert fate(order) == ("done", "settled")
    assert times_given(charging, order) == 1


def test_a_late_callback_ends_the_waiting(charging: Simulator) -> None:
    behave(charging, "late", seconds=60)
    order = ordered()
    assert deliver(order) == "pending"
    assert fate(order) == ("unknown", "held")
    tell(order, "done")
    assert fate(order) == ("done", "settled")


def test_r13_a_callback_may_say_that_it_failed() -> None:
    order = ordered()
    tell(order, "failed", code="not_prepaid")
    assert fate(order) == ("failed", "reversed")


def test_what_was_delivered_and_then_is_said_to_have_failed_is_for_a_person(
    charging: Simulator,
) -> None:
    order = ordered()
    deliver(order)
    tell(order, "failed", code="not_prepaid")
    assert fate(order) == ("person", "settled")


def test_what_failed_and_then_is_said_to_be_delivered_is_for_a_person() -> None:
    order = ordered()
    tell(order, "failed", code="not_prepaid")
    tell(order, "done", message="m2")
    assert fate(order) == ("person", "reversed")


@pytest.mark.parametrize("state", ["pending", "perhaps"])
def test_what_says_nothing_final_changes_nothing(state: str) -> None:
    order = ordered()
    assert tell(order, state).status_code == 204
    assert fate(order) == ("ordered", "held")


# --- R36: about what was ordered, and about what we know -----------------------------------------
@pytest.mark.parametrize(
    ("said", "mismatch"),
    [
        ({"msisdn": "+355690000000"}, "other"),
        ({"package": "S9999"}, "other"),
        ({"msisdn": None, "package": None}, "bare"),
    ],
)
def test_a_callback_about_something_else_settles_nothing(
    said: dict[str, Any], mismatch: str
) -> None:
    order = ordered()
    assert tell(order, "done", **said).status_code == 204
    assert fate(order) == ("person", "held")
    assert order.events.get().mismatch == mismatch


def test_it_is_shown_to_a_person_although_the_order_has_its_outcome(charging: Simulator) -> None:
    order = ordered()
    deliver(order)
    tell(order, "done", msisdn="+355690000000")
    assert fate(order) == ("person", "settled")


UNKNOWN = {
    "reference": "KN-AEN-XMH-M22Q",
    "msisdn": "+355690000000",
    "package": "S1000",
    "state": "done",
    "code": "",
}


def test_a_callback_for_an_order_that_we_do_not_have_is_kept() -> None:
    assert say(UNKNOWN).status_code == 204
    kept = UnknownCallback.objects.get()
    assert (kept.reference, kept.msisdn, kept.package, kept.state) == (
        "KN-AEN-XMH-M22Q",
        "+355690000000",
        "S1000",
        "done",
    )
    assert (kept.message_id, kept.received_at) == ("m1", NOW)


def test_sent_twice_it_is_kept_once() -> None:
    assert [say(UNKNOWN).status_code for _time in range(2)] == [204, 204]
    assert UnknownCallback.objects.count() == 1


def test_unsigned_it_is_not_kept() -> None:
    assert say(UNKNOWN, key=STRANGER).status_code == 401
    assert not UnknownCallback.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"reference": None},
        {"reference": ["KN-1"], "state": {"a": 1}},
        {"reference": "KN-\x00", "msisdn": "\ud800", "state": "\u202edone"},
        {"reference": "9" * 5000, "package": "x" * 4000},
    ],
)
def test_whatever_it_says_is_kept_as_short_text(said: Any) -> None:
    assert say(said).status_code == 204
    kept = UnknownCallback.objects.get()
    assert all(len(text) <= 60 for text in (kept.reference, kept.package))
    assert kept.reference.isprintable()


def test_two_long_ids_that_begin_alike_are_two_messages() -> None:
    for last in "ab":
        say(UNKNOWN, message="m" * 120 + last)
    assert UnknownCallback.objects.count() == 2


def test_beyond_a_days_number_it_is_told_to_come_later_and_known_orders_go_on(
    settings: Settings,
) -> None:
    settings.UNKNOWN_CALLBACKS_A_DAY = 2
    order = ordered()
    answers = [say(UNKNOWN, message=f"m{number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [204, 204, 429]
    assert answers[2]["Retry-After"] == "3600"
    assert UnknownCallback.objects.count() == 2
    # it is kept already, so the limit does not count it
    assert say(UNKNOWN, message="m0").status_code == 204
    assert tell(order, "done", message="m9").status_code == 204
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert say(UNKNOWN, message="m2").status_code == 204
