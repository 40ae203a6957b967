"""Each answer of the charging system has one outcome (R13, R29), and no order waits forever."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from pytest_django import Settings

from billing import outcomes
from billing.models import Charge
from klikon.charging_simulator.server import Simulator
from klikon.provisioning import delivery
from klikon.provisioning.answers import Word
from klikon.provisioning.line import breaker, verdict
from klikon.provisioning.models import Line, Order
from superfamilja.messages.models import OutgoingMessage
from tests.factories import entry
from tests.klikon.provisioning.charging import (
    NOW,
    after,
    answered,
    behave,
    fate,
    ordered,
    simulator,
    times_given,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def charging(settings: Settings) -> Iterator[Simulator]:
    with simulator(settings) as server:
        yield server


def deliver(order: Order, moment: datetime = NOW) -> Any:
    return delivery.deliver(order.reference, lambda: moment)


def next_at(order: Order) -> datetime | None:
    order.refresh_from_db()
    return order.next_at


def test_a_delivered_package_settles_its_charge(charging: Simulator) -> None:
    order = ordered()
    assert fate(order) == ("ordered", "held")
    assert deliver(order) == "done"
    assert fate(order) == ("done", "settled")
    assert charging.store.of_number(order.activation.member.msisdn)[0]["package"] == "S700"


def test_what_is_delivered_is_not_delivered_again(charging: Simulator) -> None:
    order = ordered()
    deliver(order)
    assert deliver(order) is None
    assert times_given(charging, order) == 1


def test_a_yes_is_asked_for_once_more_after_five_minutes(charging: Simulator) -> None:
    order = ordered()
    deliver(order)
    assert next_at(order) == after(minutes=5)
    assert deliver(order, after(minutes=5)) == "done"
    assert next_at(order) is None
    assert times_given(charging, order) == 1


def test_r13_what_can_never_be_delivered_is_reversed_and_gives_its_room_back(
    charging: Simulator,
) -> None:
    behave(charging, "fail", code="number_blocked")
    order = ordered()
    assert entry(order.activation.contract).spent == 500
    assert deliver(order) == "failed"
    assert fate(order) == ("failed", "reversed")
    assert entry(order.activation.contract).spent == 0


def test_r13_member_leader_and_payer_are_told_each_once(charging: Simulator) -> None:
    behave(charging, "fail")
    order = ordered()
    deliver(order)
    told = OutgoingMessage.objects.filter(about=order.reference, template="activation_reversed")
    activation = order.activation
    assert sorted(m.recipient for m in told) == sorted(
        [activation.member.msisdn, activation.leader.msisdn, activation.contract.contact_msisdn]
    )
    payer = told.get(recipient=activation.contract.contact_msisdn)
    assert "500 Lekë, u anulua dhe nuk do të jetë në faturë" in payer.words
    leader = told.get(recipient=activation.leader.msisdn)
    assert "Mbeten 6.500 Lekë për 11/2026" in leader.words


def test_a_reason_that_nobody_knows_costs_nobody_his_package(charging: Simulator) -> None:
    behave(charging, "fail", code="moon_phase")
    order = ordered()
    assert deliver(order) == "silence"
    assert fate(order) == ("unknown", "held")


def test_not_taken_is_tried_again_ever_more_rarely(charging: Simulator) -> None:
    behave(charging, "down")
    order = ordered()
    waits = []
    moment = NOW
    for _time in range(4):
        assert deliver(order, moment) == "try_later"
        again = next_at(order)
        assert again is not None
        waits.append((again - moment).total_seconds())
        moment = again
    assert 2 <= waits[0] <= 4
    assert 16 <= waits[3] <= 32
    behave(charging, "fine")
    assert deliver(order, moment) == "done"
    assert times_given(charging, order) == 1


def test_what_is_not_taken_for_a_day_is_for_a_person(charging: Simulator) -> None:
    behave(charging, "down")
    order = ordered()
    assert deliver(order, after(hours=25)) == "try_later"
    assert fate(order) == ("person", "held")


def test_silence_is_asked_after_at_5_minutes_1_hour_and_1_day_and_then_by_a_person(
    charging: Simulator,
) -> None:
    behave(charging, "cut")
    order = ordered()
    assert deliver(order) == "silence"
    asked = []
    while (moment := next_at(order)) is not None:
        asked.append((moment - NOW).total_seconds() / 60)
        deliver(order, moment)
    assert asked == [5, 60, 1440]
    assert fate(order) == ("person", "held")


def test_what_was_done_in_silence_is_found_by_its_reference(charging: Simulator) -> None:
    behave(charging, "silent")
    order = ordered()
    assert deliver(order) == "silence"
    behave(charging, "fine")
    assert deliver(order, after(minutes=5)) == "done"
    assert fate(order) == ("done", "settled")
    assert times_given(charging, order) == 1


def test_what_never_arrived_is_sent_again_when_asked_after(charging: Simulator) -> None:
    behave(charging, "cut")
    order = ordered()
    deliver(order)
    behave(charging, "fine")
    assert deliver(order, after(minutes=5)) == "done"
    assert times_given(charging, order) == 1


def test_one_that_says_yes_and_forgets_is_found_out_and_gets_it_again(charging: Simulator) -> None:
    behave(charging, "forget")
    order = ordered()
    deliver(order)
    assert (fate(order), times_given(charging, order)) == (("done", "settled"), 0)
    behave(charging, "fine")
    assert deliver(order, after(minutes=5)) == "done"
    assert (fate(order), times_given(charging, order)) == (("done", "settled"), 1)


def test_a_no_is_asked_for_once_more_as_well(charging: Simulator) -> None:
    behave(charging, "fail")
    order = ordered()
    deliver(order)
    assert next_at(order) == after(minutes=5)
    assert deliver(order, after(minutes=5)) == "failed"
    assert next_at(order) is None
    assert OutgoingMessage.objects.filter(template="activation_reversed").count() == 3


def test_one_that_says_no_and_gives_it_all_the_same_is_for_a_person(charging: Simulator) -> None:
    behave(charging, "silent")
    order = ordered()
    deliver(order)
    order.refresh_from_db()
    verdict.apply(order, answered(order, Word.FAILED, "not_prepaid"), at=NOW)
    behave(charging, "fine")
    deliver(order, after(minutes=5))
    assert fate(order) == ("person", "reversed")


def test_one_that_always_forgets_is_for_a_person(charging: Simulator) -> None:
    behave(charging, "forget")
    order = ordered()
    deliver(order)
    for _time in range(6):
        if (moment := next_at(order)) is not None:
            deliver(order, moment)
    assert fate(order) == ("person", "settled")


def test_a_killed_worker_s_order_is_asked_after_before_it_is_sent_again(
    charging: Simulator,
) -> None:
    order = ordered()
    claim = delivery._claim(NOW, order.reference)
    assert claim is not None
    delivery._talk(claim)  # and then kill -9: nothing is recorded
    assert deliver(order, after(seconds=29)) is None
    behave(charging, "fine", keyless=True)
    assert deliver(order, after(seconds=30)) == "done"
    assert times_given(charging, order) == 1


def test_control_sent_again_without_asking_it_would_be_given_twice(charging: Simulator) -> None:
    order = ordered()
    claim = delivery._claim(NOW, order.reference)
    assert claim is not None
    delivery._talk(claim)
    behave(charging, "fine", keyless=True)
    Order.objects.filter(pk=order.pk).update(maybe_sent=False)
    deliver(order, after(seconds=30))
    assert times_given(charging, order) == 2


def test_a_frozen_worker_that_wakes_up_is_not_listened_to(charging: Simulator) -> None:
    order = ordered()
    frozen = delivery._claim(NOW, order.reference)
    assert frozen is not None
    assert deliver(order, after(seconds=30)) == "done"
    delivery.record(frozen, delivery.Answer(delivery.Word.TRY_LATER), after(seconds=40))
    assert fate(order) == ("done", "settled")
    last = order.events.last()
    assert (last.kind, last.attempt, last.word) == ("stale", 1, "try_later")


def test_what_was_reversed_before_it_was_sent_is_not_sent(charging: Simulator) -> None:
    order = ordered()
    outcomes.reverse(reference=order.reference, at=NOW, reason="the payer called")
    assert deliver(order) is None
    assert fate(order) == ("failed", "reversed")
    assert times_given(charging, order) == 0


def test_delivered_although_reversed_is_for_a_person(charging: Simulator) -> None:
    order = ordered()
    behave(charging, "silent")
    deliver(order)
    outcomes.reverse(reference=order.reference, at=NOW, reason="the payer called")
    behave(charging, "fine")
    deliver(order, after(minutes=5))
    assert fate(order) == ("person", "reversed")


def test_five_troubles_in_a_row_and_the_line_is_left_alone(charging: Simulator) -> None:
    behave(charging, "down")
    orders = [ordered() for _order in range(6)]
    answers = [deliver(order) for order in orders]
    assert answers == ["try_later"] * 5 + [None]
    assert breaker.is_down(NOW)
    assert fate(orders[5]) == ("ordered", "held")
    assert not orders[5].events.exists()


def test_one_order_tries_whether_the_line_is_back_and_then_all_go(charging: Simulator) -> None:
    behave(charging, "down")
    orders = [ordered() for _order in range(7)]
    assert delivery.deliver_due(lambda: NOW) == 5
    assert delivery.deliver_due(lambda: after(seconds=14)) == 0
    assert delivery.deliver_due(lambda: after(seconds=15)) == 1
    behave(charging, "fine")
    assert delivery.deliver_due(lambda: after(seconds=29)) == 0
    assert delivery.deliver_due(lambda: after(seconds=60)) == 7
    assert not breaker.is_down(after(seconds=60))
    assert {fate(order) for order in orders} == {("done", "settled")}


@pytest.mark.full
def test_the_only_order_that_waits_finds_the_line_back_within_a_probe(
    charging: Simulator,
) -> None:
    order = ordered()
    behave(charging, "down")
    for seconds in range(0, 1200, 15):  # twenty minutes, because its own wait has grown to ten
        delivery.deliver_due(lambda seconds=seconds: after(seconds=seconds))
    behave(charging, "fine")
    assert delivery.deliver_due(lambda: after(seconds=1200)) == 1
    assert fate(order) == ("done", "settled")


@pytest.mark.full
def test_after_a_long_outage_nobody_waits_out_his_own_doubled_wait(charging: Simulator) -> None:
    behave(charging, "down")
    orders = [ordered() for _order in range(3)]
    for seconds in range(0, 1200, 15):  # twenty minutes, because waits have grown to ten
        delivery.deliver_due(lambda seconds=seconds: after(seconds=seconds))
    behave(charging, "fine")
    assert delivery.deliver_due(lambda: after(seconds=1200)) == 3
    assert {fate(order) for order in orders} == {("done", "settled")}


def test_when_the_line_is_back_an_order_that_is_on_its_way_keeps_its_lease(
    charging: Simulator,
) -> None:
    on_its_way, waiting = ordered(), ordered()
    lease = after(seconds=30)
    Order.objects.filter(pk=on_its_way.pk).update(maybe_sent=True, attempt=1, next_at=lease)
    Order.objects.filter(pk=waiting.pk).update(next_at=after(seconds=500))
    Line.objects.update(failures=5, down_since=NOW, open_until=NOW)
    breaker.heard(trouble=False, at=after(seconds=1))
    assert Order.objects.get(pk=on_its_way.pk).next_at == lease
    assert Order.objects.get(pk=waiting.pk).next_at == after(seconds=1)


def test_nothing_is_written_about_a_line_that_is_well(charging: Simulator) -> None:
    order = ordered()
    deliver(order)
    line = Line.objects.get()
    assert (line.failures, line.down_since, line.open_until) == (0, None, None)


def test_nobody_there_at_all_is_tried_again(settings: Settings) -> None:
    settings.CHARGING_URL = "http://127.0.0.1:9"
    order = ordered()
    assert deliver(order) == "try_later"
    assert Charge.objects.get(reference=order.reference).state == "held"
