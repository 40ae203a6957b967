"""Races for answers of fixed billing, with real threads; each with its guard off as a control.

Every test has a month of its own, years back: a month that was closed stays closed.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import count
from unittest import mock

import pytest

from billing.answers import rejected, taking
from billing.models import BillingAnswer, ParkedEntry, Settlement
from billing.month import export
from billing.reconciliation import ways_out
from tests.billing.answering import HEADER
from tests.billing.closing import approve, close, first_minute_after, reviewer, settled
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race
from tests.factories import ContractFactory, entry
from tests.klikon.books import spoil

pytestmark = pytest.mark.django_db(transaction=True)

_months = count(2017 * 12)


@pytest.fixture
def month() -> date:
    """The first day of a month that no other test touches."""
    number = next(_months)
    return date(number // 12, number % 12 + 1, 1)


def answer(month: date, contracts: int) -> bytes:
    """Each of that many contracts has 500 in the month; its file is issued, and every line of it
    rejected."""
    text = f"{month:%Y-%m}"
    lines = []
    for _ in range(contracts):
        contract = ContractFactory()
        settled(contract, 500, f"{text}-05 12:00")
        lines.append(f"{entry(contract, text).reference},rejected,500,blocked")
    close(text)
    approve(text)
    at = first_minute_after(month)
    file = export.issue(month, at=at, actor=reviewer(), reason="due")[0]
    trailer = f"TRAILER,{file.name},0,0,{contracts},{contracts * 500}"
    return "\n".join([HEADER, *lines, trailer]).encode()


@contextmanager
def unguarded(guard: str) -> Iterator[None]:
    with mock.patch(guard):
        yield


def taken_twice_at_once(month: date) -> Counter[str]:
    content = answer(month, 1)
    at = first_minute_after(month)
    take = partial(taking.take_answer, content=content, name="a.csv", at=at)
    with meeting_before("billing.answers.taking._judge_and_keep"):
        return race(take, take)


def test_the_same_answer_at_the_same_instant_is_one(month: date) -> None:
    assert taken_twice_at_once(month) == {DONE: 2}
    assert BillingAnswer.objects.filter(file__month=month).count() == 1
    assert ParkedEntry.objects.filter(month=month).count() == 1


def test_control_without_the_lock_the_index_alone_refuses_the_second(month: date) -> None:
    with unguarded("billing.answers.taking._one_after_the_other"):
        assert taken_twice_at_once(month) == {DONE: 1, "IntegrityError": 1}


def both_credited_at_once(month: date) -> bool:
    """Whether the month is settled afterwards."""
    at = first_minute_after(month)
    taking.take_answer(content=answer(month, 2), name="a.csv", at=at)
    by = {"at": at, "actor": reviewer(), "reason": "closed there"}
    credit = [
        partial(rejected.credit_rejected, parked=parked, **by)
        for parked in ParkedEntry.objects.filter(month=month)
    ]
    # Both have counted what waits, and neither has committed.
    with meeting_before("billing.answers.settling.AnsweredMonth"):
        assert race(*credit) == {DONE: 2}
    return Settlement.objects.filter(month=month).exists()


def test_the_last_two_credits_at_once_settle_the_month(month: date) -> None:
    assert both_credited_at_once(month)


def test_control_without_the_months_row_neither_sees_the_other(month: date) -> None:
    with unguarded("billing.answers.rejected._one_month_after_the_other"):
        assert not both_credited_at_once(month)


def parked_while_its_file_goes_out(month: date) -> Counter[str]:
    """An entry that differs from its lines is set right while its month's file is made."""
    text, at = f"{month:%Y-%m}", first_minute_after(month)
    contract = ContractFactory()
    settled(contract, 800, f"{text}-05 12:00")
    close(text)
    approve(text)
    spoil(f"UPDATE billing_billentry SET spent = 700 WHERE contract_id = {contract.pk}")
    differs = entry(contract, text)
    by = {"at": at, "actor": reviewer(), "reason": "it differs"}
    right = partial(ways_out.set_entry_right, entry=differs, **by)
    with interrupted_by(right, at="billing.month.export._issue") as outcome:
        export.issue(month, **by)
    return outcome.result(timeout=30)


def test_an_entry_is_never_in_a_file_and_parked_for_the_next(month: date) -> None:
    assert parked_while_its_file_goes_out(month) == {"entry_issued": 1}
    assert not ParkedEntry.objects.filter(month=month).exists()


def test_control_without_the_months_row_it_is_in_both(month: date) -> None:
    with unguarded("billing.reconciliation.ways_out._wait_for_its_file"):
        assert parked_while_its_file_goes_out(month) == {DONE: 1}
    assert ParkedEntry.objects.filter(month=month).count() == 1
