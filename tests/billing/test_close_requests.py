"""The worker carries out a close that was requested in the portal."""

from dataclasses import asdict
from datetime import date
from unittest import mock

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import override

from billing import charges, outcomes
from billing.models import BillMonth, CloseRequest
from billing.month import close_requests, closing, figures
from billing.tasks import close_what_was_asked
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from superfamilja.refusal import Refusal
from tests.billing.closing import close, reviewer
from tests.factories import ContractFactory, at, charge

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
THIRD = at("2026-12-03 10:00")


def ask(key: str = "1", **also: object) -> CloseRequest:
    said = {
        "month": NOVEMBER,
        "expected": figures.if_closed(NOVEMBER),
        "key": key,
        "at": THIRD,
        "actor": reviewer(),
        "reason": "month is over",
    }
    return close_requests.ask(**said | also)  # type: ignore[arg-type]


def test_asking_writes_down_who_and_why_and_closes_nothing_yet() -> None:
    charge(ContractFactory(), 500)
    request = ask()
    assert (request.asked_by, request.reason) == (reviewer(), "month is over")
    assert request.expected["carried_out_lek"] == 500
    assert not charges.is_closed(NOVEMBER)


def test_the_worker_closes_in_the_name_of_who_asked_and_with_the_reason() -> None:
    charge(ContractFactory(), 500)
    request = ask()
    close_requests.carry_out_next(THIRD)
    request.refresh_from_db()
    row = BillMonth.objects.get(month=NOVEMBER)
    assert (row.state, row.closed_by, row.figures) == ("closed", reviewer(), request.expected)
    assert (request.ended_at is not None, request.refusal) == (True, None)
    act = Act.objects.get(verb="close_month")
    assert (act.actor, act.reason) == (reviewer(), "month is over")


def test_the_workers_task_closes_whatever_was_asked_for() -> None:
    for month in (date(2026, 8, 1), date(2026, 9, 1)):
        ask(f"{month}", month=month, expected=figures.if_closed(month))
    close_what_was_asked(0)
    assert BillMonth.objects.filter(state="closed").count() == 2
    assert not CloseRequest.objects.filter(ended_at=None).exists()


def test_r21_the_same_key_is_the_same_request_also_when_it_has_ended() -> None:
    first = ask()
    assert ask() == first
    close_requests.carry_out_next(THIRD)
    closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early")
    assert ask() == first
    assert close_requests.carry_out_next(THIRD) is None
    assert not charges.is_closed(NOVEMBER)


@pytest.mark.parametrize(
    ("said", "code"),
    [({"at": at("2026-11-30 23:59")}, "month_unfinished"), ({"key": "2"}, "close_asked_already")],
)
def test_what_could_only_be_refused_is_not_written_down(said: dict[str, object], code: str) -> None:
    if code == "close_asked_already":
        ask()
    before = CloseRequest.objects.count()
    with pytest.raises(Refusal) as refused:
        ask(**said)
    assert (refused.value.code, CloseRequest.objects.count()) == (code, before)


def test_a_closed_month_cannot_be_asked_for() -> None:
    seen = figures.if_closed(NOVEMBER)
    close("2026-11")
    with pytest.raises(close_requests.MonthClosedBefore):
        ask(expected=seen)


def test_a_reason_is_demanded() -> None:
    with pytest.raises(ReasonMissing):
        ask(reason=" ")


def test_figures_that_changed_since_are_refused_in_both_languages_and_nothing_closes() -> None:
    held = charge(ContractFactory(), 500)
    request = ask()
    outcomes.settle(reference=held.reference, at=THIRD)
    close_requests.carry_out_next(THIRD)
    request.refresh_from_db()
    assert not charges.is_closed(NOVEMBER)
    with override("en"):
        assert request.refused_in_words.startswith("The figures of month 11/2026 changed")
    with override("sq"):
        assert "11/2026" in request.refused_in_words
        assert request.refused_in_words != request.refusal["en"]
    assert ask(key="2").expected["carried_out_lek"] == 0


def test_a_failure_of_the_database_is_told_in_words_and_leaves_the_month_open() -> None:
    charge(ContractFactory(), 500)
    request = ask()
    with mock.patch.object(closing, "_park", side_effect=DatabaseError("disk full")):
        close_requests.carry_out_next(THIRD)
    request.refresh_from_db()
    assert "technical reason" in request.refusal["en"]
    assert not charges.is_closed(NOVEMBER)


def test_whatever_else_fails_ends_the_request_and_the_next_one_is_carried_out() -> None:
    first = ask()
    with mock.patch.object(closing, "_park", side_effect=TypeError("a mistake of ours")):
        close_requests.carry_out_next(THIRD)
    first.refresh_from_db()
    assert "technical reason" in first.refusal["en"]
    ask(key="2")
    close_requests.carry_out_next(THIRD)
    assert charges.is_closed(NOVEMBER)


def test_figures_of_another_release_end_the_request() -> None:
    CloseRequest.objects.create(
        key="1",
        month=NOVEMBER,
        expected={"a_figure_of_before": 1},
        reason="month is over",
        asked_at=THIRD,
        asked_by=reviewer(),
    )
    ended = close_requests.carry_out_next(THIRD)
    assert ended is not None
    assert "technical reason" in ended.refusal["en"]
    assert not charges.is_closed(NOVEMBER)


def test_r21_the_same_key_after_a_refusal_is_told_that_refusal() -> None:
    held = charge(ContractFactory(), 500)
    ask()
    outcomes.settle(reference=held.reference, at=THIRD)
    close_requests.carry_out_next(THIRD)
    with pytest.raises(close_requests.CloseAskedAndRefused) as refused:
        ask()
    assert "The figures of month 11/2026 changed" in refused.value.text("en")
    assert CloseRequest.objects.count() == 1


def test_what_was_asked_is_never_edited() -> None:
    ask()
    with (
        pytest.raises(IntegrityError, match="written once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE billing_closerequest SET reason = 'another'")


def test_the_expected_figures_are_those_of_the_house() -> None:
    assert ask().expected == asdict(figures.if_closed(NOVEMBER))
