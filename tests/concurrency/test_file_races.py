"""The same file sent in twice at one instant, two second persons, two workers, one event twice."""

from collections import Counter
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import Settings

from groups.incoming import carrying, deciding, keeping, receiving
from groups.incoming.models import FileKind, FileState, IncomingFile
from klikon.crm.events import ToldEvent, take_event
from klikon.crm.models import CrmEvent, CrmEventKind
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER
from superfamilja.audit.models import Act
from tests.concurrency.racing import DONE, meeting_before, race
from tests.factories import ContractFactory, at
from tests.groups.incoming.conftest import HEAD
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-11-20 10:00")
_texts = count(1)


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    settings.INCOMING_DIR = tmp_path


def receiving_it() -> partial[Any]:
    """Send in a file that no other test has sent."""
    kept = keeping.keep([f"{HEAD}\n\n{' ' * next(_texts)}\n#rows=0\n".encode()])
    return partial(
        receiving.receive_file, kept=kept, name="crm.csv", kind=FileKind.SUBSCRIBERS, at=NOW
    )


def waiting_for_another() -> IncomingFile:
    """A file that one person confirmed."""
    file: IncomingFile = receiving_it()()
    IncomingFile.objects.filter(pk=file.pk).update(
        state=FileState.CONFIRMED,
        needs_second=True,
        previewed_at=NOW,
        confirmed_at=NOW,
        confirmed_by=staff_member(BILLING_REVIEWER),
    )
    return file


def agreeing(file: IncomingFile, actor: User) -> partial[Any]:
    return partial(deciding.agree_to_file, file=file, seen=NOW, at=NOW, actor=actor, reason="seen")


def put_away(file: IncomingFile) -> None:
    """Nothing is left for the worker of another test."""
    IncomingFile.objects.filter(pk=file.pk).update(state=FileState.DISCARDED)


def test_the_same_file_twice_at_one_instant_is_one() -> None:
    both = receiving_it()
    with meeting_before("groups.incoming.receiving.rows_said"):
        assert race(both, both) == {DONE: 1, "file_here_already": 1}
    put_away(IncomingFile.objects.get(sha256=both.keywords["kept"].sha256))


def test_control_without_the_index_the_second_would_only_have_been_looked_for() -> None:
    both = receiving_it()
    with (
        mock.patch("groups.incoming.receiving.require_new"),
        meeting_before("groups.incoming.receiving.rows_said"),
    ):
        assert race(both, both) == {DONE: 1, IntegrityError.__name__: 1}
    put_away(IncomingFile.objects.get(sha256=both.keywords["kept"].sha256))


def test_two_second_persons_at_one_instant_are_one() -> None:
    file = waiting_for_another()
    each = [agreeing(file, staff_member(BILLING_APPROVER)) for _ in range(2)]
    with meeting_before("superfamilja.accounts.second_person.holding.require_free"):
        assert race(*each) == {DONE: 1, "file_moved": 1}
    assert Act.objects.filter(verb="agree_to_file", details__file=file.pk).count() == 1
    put_away(file)


def test_two_workers_look_at_a_file_once() -> None:
    file: IncomingFile = receiving_it()()
    seen: list[int] = []

    def look(taken: IncomingFile, *_said: object) -> None:
        seen.append(taken.pk)
        IncomingFile.objects.filter(pk=taken.pk).update(state=FileState.PREVIEWED)

    work = partial(carrying.carry_out_next, timezone.now())
    with mock.patch.dict(carrying._STEPS, {FileState.RECEIVED: look}):
        assert race(work, work) == {DONE: 2}
    assert seen == [file.pk]
    put_away(file)


def test_an_event_told_twice_at_one_instant_is_one() -> None:
    contract = ContractFactory()
    told = ToldEvent(CrmEventKind.SUSPENDED, NOW, contract_number=contract.number)
    both = partial(take_event, told, key=f"race-{contract.number}", at=NOW)
    with meeting_before("groups.membership.lock_contract"):
        assert race(both, both) == Counter({DONE: 2})
    assert CrmEvent.objects.filter(contract_number=contract.number).count() == 1
    assert Act.objects.filter(contract_number=contract.number).count() == 1
