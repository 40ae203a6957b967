"""R36: an answer counts only if it is about what was ordered; a person gets the others."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from pytest_django import Settings

from klikon.activation import references
from klikon.charging_simulator.server import Simulator
from klikon.provisioning import decisions, delivery
from klikon.provisioning.answers import Answer, Mismatch, Ordered, Statement, Word
from klikon.provisioning.line import verdict
from klikon.provisioning.models import EventKind, Order
from superfamilja.accounts.roles import BILLING_REVIEWER
from superfamilja.messages.models import OutgoingMessage
from tests.klikon.provisioning.charging import (
    NOW,
    after,
    behave,
    fate,
    ordered,
    simulator,
    statement,
    times_given,
)
from tests.signing_in import staff_member

OURS = Ordered("KN-7QX-4PW-R2AR", "+355671234567", "S700")
SAID = Statement("KN-7QX-4PW-R2AR", "+355671234567", "S700", "done")


@pytest.fixture
def charging(settings: Settings) -> Iterator[Simulator]:
    with simulator(settings) as server:
        yield server


def deliver(order: Order, moment: datetime = NOW) -> Any:
    return delivery.deliver(order.reference, lambda: moment)


def told(order: Order, said: Statement) -> None:
    """Report by callback."""
    order.refresh_from_db()
    verdict.apply(order, said.answer(), at=NOW, kind=EventKind.CALLBACK)


# --- what an answer is about, without a database ------------------------------------------------
@pytest.mark.parametrize(
    "said",
    [
        {"msisdn": "+355671234567"},
        {"msisdn": "0671234567"},
        {"msisdn": "355671234567"},
        {"msisdn": "00355671234567"},
    ],
)
def test_the_same_number_written_in_another_way_is_the_same(said: dict[str, str]) -> None:
    written = Statement.of({**vars(SAID), **said})
    assert written.mismatch(OURS) is None


@pytest.mark.parametrize(
    ("said", "mismatch"),
    [
        ({"msisdn": "+355671234568"}, Mismatch.OTHER),
        ({"msisdn": "+355671234567\x00"}, Mismatch.OTHER),
        ({"msisdn": "+355671234567" + " " * 60 + "8"}, Mismatch.OTHER),
        ({"package": "S1000"}, Mismatch.OTHER),
        ({"package": "s700"}, Mismatch.OTHER),
        ({"package": "S700\u200b"}, Mismatch.OTHER),
        ({"reference": "KN-AEN-XMH-M22Q"}, Mismatch.OTHER),
        ({"msisdn": None, "package": "S1000"}, Mismatch.OTHER),
        ({"msisdn": None}, Mismatch.BARE),
        ({"package": ""}, Mismatch.BARE),
        ({"package": ["S700"]}, Mismatch.BARE),
        ({"msisdn": 355671234567}, Mismatch.BARE),
        ({"reference": None}, Mismatch.BARE),
    ],
)
def test_what_is_about_something_else_or_about_nothing(
    said: dict[str, Any], mismatch: Mismatch
) -> None:
    assert Statement.of({**vars(SAID), **said}).mismatch(OURS) == mismatch


# --- replies -------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mode", "mismatch"),
    [("wrong_number", "other"), ("wrong_package", "other"), ("bare", "bare")],
)
def test_a_reply_about_something_else_settles_nothing(
    charging: Simulator, mode: str, mismatch: str
) -> None:
    behave(charging, mode)
    order = ordered()
    deliver(order)
    assert fate(order) == ("person", "held")
    assert order.events.last().mismatch == mismatch
    assert not OutgoingMessage.objects.filter(template="activation_reversed").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["wrong_number", "wrong_package", "bare"])
def test_so_does_one_that_was_asked_for(charging: Simulator, mode: str) -> None:
    behave(charging, "silent")
    order = ordered()
    deliver(order)
    behave(charging, mode)
    deliver(order, after(minutes=5))
    assert fate(order) == ("person", "held")


@pytest.mark.django_db
def test_after_a_yes_of_our_own_another_content_is_shown_to_a_person(charging: Simulator) -> None:
    order = ordered()
    deliver(order)
    behave(charging, "wrong_number")
    deliver(order, after(minutes=5))
    assert fate(order) == ("person", "settled")
    last = order.events.last()
    assert (last.mismatch, last.said_msisdn) == ("other", "+355690000000")


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["unknown_number", "number_blocked"])
def test_a_no_about_something_else_reverses_nothing(code: str) -> None:
    order = ordered()
    told(order, statement(order, "failed", code=code, package="S1000"))
    assert fate(order) == ("person", "held")


@pytest.mark.django_db
def test_what_is_pending_for_somebody_else_is_for_a_person() -> None:
    order = ordered()
    told(order, statement(order, "pending", msisdn="+355690000000"))
    assert fate(order) == ("person", "held")


# --- the restore: an older order of the same reference -----------------------------------------
def older_order_of_the_same_reference(charging: Simulator, order: Order) -> None:
    """Make an order from before the restore with another number and package."""
    before = {"reference": order.reference, "msisdn": "+355690000001", "package": "S1000"}
    charging.store.keep({**before, "validity_days": 30}, "done")


@pytest.mark.django_db
def test_an_older_order_of_the_same_reference_is_not_taken_for_ours(charging: Simulator) -> None:
    order = ordered()
    older_order_of_the_same_reference(charging, order)
    deliver(order)
    assert fate(order) == ("person", "held")
    last = order.events.last()
    assert (last.said_msisdn, last.said_package) == ("+355690000001", "S1000")


@pytest.mark.django_db
def test_control_with_the_content_unchecked_it_would_be_charged_and_not_given(
    charging: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Statement, "mismatch", lambda _self, _ordered: None)
    order = ordered()
    older_order_of_the_same_reference(charging, order)
    deliver(order)
    assert fate(order) == ("done", "settled")
    assert charging.store.of_number(order.activation.member.msisdn) == []


def sold_twice_over(charging: Simulator) -> tuple[Order, Order]:
    """Make an order that a restore removed here only, and the first order after it."""
    undone = ordered()
    lost = {"reference": undone.reference, "msisdn": "+355690000001", "package": "S700"}
    charging.store.keep({**lost, "validity_days": 30}, "done")
    return undone, ordered()


@pytest.mark.django_db
def test_after_a_restore_what_is_drawn_is_known_nowhere(charging: Simulator) -> None:
    undone, next_one = sold_twice_over(charging)
    assert next_one.reference != undone.reference
    deliver(next_one)
    assert (fate(next_one), times_given(charging, next_one)) == (("done", "settled"), 1)


@pytest.mark.django_db
def test_control_counted_references_come_again_after_a_restore(
    charging: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restored sequence of counted references repeats the same numbers."""

    def counting() -> Iterator[str]:
        return (references.PREFIX + f"-{number}" for number in count(1))

    before, since = counting(), counting()
    lost = [next(before) for _number in range(3)]
    for reference in lost:
        order = {"reference": reference, "msisdn": "+355690000001", "package": "S1000"}
        charging.store.keep({**order, "validity_days": 30}, "done")
    monkeypatch.setattr("klikon.activation.activate.new_reference", lambda: next(since))
    again = [ordered() for _number in range(3)]
    assert [order.reference for order in again] == lost
    for order in again:
        deliver(order)
    assert {fate(order) for order in again} == {("person", "held")}
    assert sum(len(charging.store.of_number(o.activation.member.msisdn)) for o in again) == 0


# --- what happens then ---------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(("state", "code"), [("done", ""), ("failed", "not_prepaid")])
def test_nothing_settles_or_reverses_by_itself_any_more(state: str, code: str) -> None:
    order = ordered()
    told(order, statement(order, "done", msisdn="+355690000000"))
    told(order, statement(order, state, code=code))
    assert fate(order) == ("person", "held")
    assert order.events.last().word == state


@pytest.mark.django_db
def test_a_person_asks_again_and_what_is_answered_then_counts(charging: Simulator) -> None:
    behave(charging, "wrong_package")
    order = ordered()
    deliver(order)
    actor = staff_member(BILLING_REVIEWER)
    decisions.ask_again(order=order, actor=actor, at=after(hours=1), reason="they mended it")
    behave(charging, "fine")
    deliver(order, after(hours=1))
    assert (fate(order), times_given(charging, order)) == (("done", "settled"), 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("decide", "ends"),
    [(decisions.mark_done, ("done", "settled")), (decisions.reverse, ("failed", "reversed"))],
)
def test_a_person_decides(decide: Any, ends: tuple[str, str]) -> None:
    order = ordered()
    told(order, statement(order, "done", package="S1000"))
    decide(order=order, actor=staff_member(BILLING_REVIEWER), at=NOW, reason="asked by telephone")
    assert fate(order) == ends


@pytest.mark.django_db
def test_an_answer_without_any_content_is_no_outcome() -> None:
    order = ordered()
    verdict.apply(order, Answer(Word.DONE), at=NOW)
    assert fate(order) == ("person", "held")


# --- the simulator -------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_simulator_keeps_its_first_order_and_answers_with_it(charging: Simulator) -> None:
    first = {"reference": "KN-1", "msisdn": "+355671234567", "package": "S700", "validity_days": 30}
    charging.store.keep(first, "done")
    kept = charging.store.keep({**first, "msisdn": "+355671234568", "package": "S1000"}, "done")
    assert (kept.msisdn, kept.package) == ("+355671234567", "S700")
    assert charging.store.of_number("+355671234568") == []
