"""Race a callback against an answer, and two workers: one state, one package, one SMS (R13)."""

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from pytest_django import Settings

from klikon.charging_simulator.server import Simulator
from klikon.provisioning import delivery
from klikon.provisioning.answers import Answer, Statement, Word
from klikon.provisioning.line import callbacks
from klikon.provisioning.models import Line, Order
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race
from tests.faults.conftest import the_line_is_up
from tests.klikon.provisioning.charging import (
    NOW,
    answered,
    behave,
    fate,
    ordered,
    simulator,
    statement,
    times_given,
)

pytestmark = pytest.mark.django_db(transaction=True)
_messages = count(1)


@pytest.fixture
def charging(settings: Settings) -> Iterator[Simulator]:
    # Orders of other tests are not ours to deliver, and the line must work.
    Order.objects.filter(state__in=["ordered", "unknown"]).update(state="person", next_at=None)
    the_line_is_up()
    with simulator(settings) as server:
        yield server
    the_line_is_up()


def unlocked(query: Any, **_how: Any) -> Any:
    return query


def both_deliver(order: Order) -> Counter[str]:
    def work() -> None:
        delivery.deliver(order.reference, lambda: NOW)

    with interrupted_by(work, at="klikon.provisioning.line.breaker.lets_through") as other:
        first = race(work)
    return first + other.result()


def test_of_two_workers_one_delivers(charging: Simulator) -> None:
    order = ordered()
    assert both_deliver(order) == {DONE: 2}
    assert times_given(charging, order) == 1
    assert order.events.filter(kind="sent").count() == 1
    assert fate(order) == ("done", "settled")


def test_control_without_the_row_s_lock_both_send_it(charging: Simulator) -> None:
    order = ordered()
    with mock.patch("django.db.models.query.QuerySet.select_for_update", unlocked):
        both_deliver(order)
    assert order.events.filter(kind="sent").count() == 2


def callback_and_answer(order: Order, callback: Statement, answer: Answer) -> None:
    """Let both arrive at the same instant."""
    claim = delivery._claim(NOW, order.reference)
    assert claim is not None
    message_id = f"race {next(_messages)}"

    def tell() -> None:
        callbacks.take(callback, message_id=message_id, at=NOW)

    def hear() -> None:
        delivery.record(claim, answer, NOW)

    with meeting_before("klikon.provisioning.line.verdict.apply"):
        assert race(tell, hear) == {DONE: 2}


def failed(order: Order) -> Statement:
    return statement(order, "failed", code="number_blocked")


def test_callback_and_answer_that_agree_reverse_once(charging: Simulator) -> None:
    order = ordered()
    callback_and_answer(order, failed(order), failed(order).answer())
    assert fate(order) == ("failed", "reversed")


def test_callback_and_answer_that_disagree_are_for_a_person_and_the_charge_moves_once(
    charging: Simulator,
) -> None:
    order = ordered()
    callback_and_answer(order, failed(order), answered(order, Word.DONE))
    state, charge = fate(order)
    assert state == "person"
    assert charge in {"settled", "reversed"}


def answered_while_a_callback_comes_in(order: Order) -> None:
    """Apply silence while a callback reports the delivery."""
    claim = delivery._claim(NOW, order.reference)
    assert claim is not None
    message_id = f"race {next(_messages)}"

    def tell() -> None:
        callbacks.take(statement(order, "done"), message_id=message_id, at=NOW)

    with interrupted_by(tell, "klikon.provisioning.line.verdict.apply") as outcome:
        delivery.record(claim, Answer(Word.SILENCE), NOW)
        assert outcome.result(timeout=10) == {DONE: 1}


def test_a_callback_during_the_answer_waits_for_it(charging: Simulator) -> None:
    order = ordered()
    answered_while_a_callback_comes_in(order)
    assert fate(order) == ("done", "settled")


def test_control_without_the_row_s_lock_the_answer_overwrites_the_callback(
    charging: Simulator,
) -> None:
    order = ordered()
    with mock.patch("django.db.models.query.QuerySet.select_for_update", unlocked):
        answered_while_a_callback_comes_in(order)
    assert fate(order) == ("unknown", "settled")


def test_nobody_holds_a_transaction_while_the_charging_system_thinks(charging: Simulator) -> None:
    order = ordered()
    seen = []
    real = delivery._talk

    def look(claim: delivery.Claim) -> Answer:
        seen.append(transaction.get_connection().in_atomic_block)
        with transaction.atomic():  # and its row is free
            Order.objects.select_for_update(nowait=True).get(pk=claim.order_id)
        return real(claim)

    with mock.patch.object(delivery, "_talk", look):
        delivery.deliver(order.reference, lambda: NOW)
    assert seen == [False]


def test_while_the_line_is_down_one_of_two_workers_tries_it(charging: Simulator) -> None:
    behave(charging, "down")
    orders = [ordered(), ordered()]
    Line.objects.update(failures=5, down_since=NOW, open_until=NOW)

    def work(order: Order) -> Any:
        return lambda: delivery.deliver(order.reference, lambda: NOW)

    assert race(work(orders[0]), work(orders[1])) == {DONE: 2}
    assert sum(order.events.filter(kind="sent").count() for order in orders) == 1
