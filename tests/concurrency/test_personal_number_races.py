"""Send many tries at a personal number at once: three are compared, whoever sends them."""

from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from groups import personal_number
from groups.models import Contract
from klikon.desk import identity
from klikon.desk.models import Draft
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import CARE_AGENT, STORE_CLERK
from superfamilja.audit.models import Act
from tests.concurrency.racing import DONE, meeting_before, race, without
from tests.factories import ContractFactory
from tests.signing_in import shop, staff_member

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 20
WRONG = "J20000002B"
PLACES = "personal_number_place_of_a_contract"
UNLOCKED = mock.patch.object(QuerySet, "select_for_update", lambda rows, **_how: rows)


@pytest.fixture
def contract() -> Contract:
    return ContractFactory(owner_nid="J10000001A")


@pytest.fixture
def clerks() -> list[User]:
    return [staff_member(STORE_CLERK) for _ in range(4)]


def compared(contract: Contract) -> int:
    acts = Act.objects.filter(contract_number=contract.number, verb="personal_number_wrong")
    return acts.count()


def trying(contract: Contract, clerks: list[User]) -> list[partial[Any]]:
    """Make twenty tries by four clerks in four shops."""
    rows = [
        Draft.objects.create(
            store=shop(f"N{n}"),
            contract=contract,
            act="close_group",
            opened_by=clerk,
            opened_at=timezone.now(),
            changed_by=clerk,
            changed_at=timezone.now(),
        )
        for n, clerk in enumerate(clerks)
    ]
    return [
        partial(
            identity.identify,
            draft=rows[n % 4],
            typed=WRONG,
            actor=clerks[n % 4],
            at=timezone.now(),
        )
        for n in range(AT_ONCE)
    ]


def test_of_twenty_at_once_three_are_compared(contract: Contract, clerks: list[User]) -> None:
    ended = race(*trying(contract, clerks))
    # The third one learns that it was the last.
    assert ended == {"personal_number_wrong": 2, "personal_number_locked": 18}
    assert compared(contract) == 3
    assert personal_number.is_locked(contract)


def test_without_the_locks_the_database_still_compares_no_fourth(
    contract: Contract, clerks: list[User]
) -> None:
    with UNLOCKED:
        race(*trying(contract, clerks))
    assert compared(contract) <= 3


def test_control_without_locks_and_places_more_are_compared(
    contract: Contract, clerks: list[User]
) -> None:
    acts = trying(contract, clerks)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [PLACES])
        restore = cursor.fetchone()[0]
    with without(f"DROP INDEX {PLACES}", restore), UNLOCKED:
        with meeting_before("groups.personal_number._take_place", parties=AT_ONCE):
            race(*acts)
        standing = personal_number.of_contract(contract)
        standing.update(ended_at=timezone.now(), ended_as="old")
    assert compared(contract) > 3


def test_of_twenty_searches_at_once_three_are_answered() -> None:
    person = staff_member(CARE_AGENT)
    search = partial(personal_number.owned_by, typed=WRONG, actor=person, at=timezone.now())
    assert race(*[search] * AT_ONCE) == {DONE: 3, "person_tried_too_often": 17}
