"""Open a customer in two tabs at the same instant."""

from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet

from groups.models import Contract
from groups.opening import Task, open_customer
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import CARE_AGENT
from superfamilja.audit.models import Act
from tests.concurrency.racing import DONE, meeting_before, race
from tests.factories import ContractFactory, at
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-11-20 10:00")


def opening_of(contract: Contract, actor: User) -> partial[Any]:
    return partial(open_customer, contract=contract, actor=actor, at=NOW, task=Task("contract"))


def recorded(contract: Contract) -> int:
    return Act.objects.filter(verb="open_customer", contract_number=contract.number).count()


def test_two_tabs_record_one_opening() -> None:
    contract, actor = ContractFactory(), staff_member(CARE_AGENT)
    both = opening_of(contract, actor)
    with meeting_before("superfamilja.audit.acts.record"):
        assert race(both, both) == {DONE: 2}
    assert recorded(contract) == 1


def test_two_people_record_two() -> None:
    contract = ContractFactory()
    each = [opening_of(contract, staff_member(CARE_AGENT)) for _ in range(2)]
    with meeting_before("superfamilja.audit.acts.record"):
        assert race(*each) == {DONE: 2}
    assert recorded(contract) == 2


def test_control_without_the_persons_lock_it_is_recorded_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contract, actor = ContractFactory(), staff_member(CARE_AGENT)
    both = opening_of(contract, actor)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)
    with meeting_before("superfamilja.audit.acts.record"):
        assert race(both, both) == {DONE: 2}
    assert recorded(contract) == 2
