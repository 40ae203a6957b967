"""Asking, answering or recognising twice at the same instant counts once."""

from functools import partial

import pytest
from django.db.models import QuerySet

from billing import disputes
from billing.models import Charge, Dispute, DisputeMessage, Recognition
from tests.concurrency.racing import DONE, meeting_before, race
from tests.factories import ContractFactory, at, charge

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-06 10:00")


@pytest.fixture
def posted() -> Charge:
    return charge(ContractFactory(), 500)


def asking(posted: Charge, key: str) -> partial[Dispute]:
    return partial(disputes.ask, charge=posted, text="Who bought this?", key=key, at=NOW)


def said(posted: Charge) -> int:
    return DisputeMessage.objects.filter(dispute__charge=posted).count()


def test_r21_the_same_key_at_once_is_one_question(posted: Charge) -> None:
    assert race(*[asking(posted, "one")] * 4) == {DONE: 4}
    assert (posted.disputes.count(), said(posted)) == (1, 1)


def test_two_questions_at_once_are_one_conversation(posted: Charge) -> None:
    assert race(asking(posted, "one"), asking(posted, "two")) == {DONE: 2}
    assert (posted.disputes.count(), said(posted)) == (1, 2)


def test_control_without_the_lock_the_index_has_to_stop_it(
    posted: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = lambda rows, **_how: rows  # noqa: E731
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    with meeting_before("billing.disputes._earlier"), meeting_before("billing.disputes._write"):
        outcome = race(asking(posted, "one"), asking(posted, "two"))
    assert outcome == {DONE: 1, "IntegrityError": 1}


def test_recognised_twice_at_once_is_recognised_once(posted: Charge) -> None:
    knowing = partial(disputes.recognise, charge=posted, at=NOW)
    assert race(knowing, knowing) == {DONE: 2}
    assert Recognition.objects.filter(charge=posted).count() == 1
