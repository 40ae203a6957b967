"""kill -9 between any two statements of a request that waits for the payer, and of their yes."""

import signal
from functools import partial

import pytest
from django.db import connection

from groups.models import Group
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.models import WaitingRequest
from klikon.payer import asking
from superfamilja.messages.models import OutgoingMessage
from tests.factories import at
from tests.faults import failpoints, family
from tests.faults.failpoints import ANSWER, APPROVED, END, UNDER_WAY, WAITING
from tests.faults.family import WORD, Family, what_stands
from tests.faults.processes import elsewhere, ours

pytestmark = pytest.mark.django_db(transaction=True)

LATER = at("2026-11-05 16:00")
CHARGED = {"spent": 500, "charges": 1, "activations": 1, "messages": 3, "jobs": 1}


def asked_first() -> Family:
    one = family.plain()
    group = Group.objects.get(contract=one.contract_id)
    asking.set_ask_above(group=group, above_lek=0, at=WORD)
    return one


def request(one: Family) -> WaitingRequest | None:
    return WaitingRequest.objects.filter(contract=one.contract_id).first()


def ask(one: Family) -> str:
    assert family.buy(one) == WaitingForTheFixedLeader.code
    return "waits"


def approve(one: Family) -> str:
    row = request(one)
    assert row is not None
    return asking.approve(waiting=row, at=LATER).reference


def kill_at(point: str, one: Family, act: object) -> None:
    dying = partial(family.struck, act, one, point, failpoints.kill_self)
    assert elsewhere(dying, ours()).exitcode == -signal.SIGKILL


def told(one: Family) -> int:
    row = request(one)
    return OutgoingMessage.objects.filter(about=row.reference).count() if row else 0


@pytest.mark.parametrize("point", [*WAITING, *END])
def test_r21_r28_killed_while_it_is_asked_it_waits_whole_or_not_at_all(point: str) -> None:
    one = asked_first()
    kill_at(point, one, ask)
    assert what_stands(one) == {}
    possible = {UNDER_WAY: (0, 1), ANSWER: (1,)}.get(point, (0,))
    assert (told(one) in possible, (request(one) is not None) == bool(told(one))) == (True, True)
    ask(one)
    assert (what_stands(one), told(one)) == ({}, 1)


@pytest.mark.parametrize("point", [*dict.fromkeys(APPROVED), *END])
def test_r28_killed_during_the_yes_it_is_charged_once_by_the_next(point: str) -> None:
    one = asked_first()
    ask(one)
    kill_at(point, one, approve)
    what_stands(one)  # the dead process has released the key
    row = request(one)
    assert row is not None
    assert (what_stands(one), row.outcome) in (({}, None), (CHARGED, "approved"))
    first = approve(one)
    assert (approve(one), family.buy(one)) == (first, first)
    assert what_stands(one) == CHARGED


@pytest.mark.parametrize(("act", "points"), [(ask, WAITING), (approve, APPROVED)])
def test_there_is_a_point_before_every_statement(act: object, points: list[str]) -> None:
    one = asked_first()
    if act is approve:
        ask(one)
        row = request(one)
        assert row is not None
        row = asking.requests.request(row.pk)
        act = lambda _one: asking.approve(waiting=row, at=LATER)  # noqa: E731
    seen: list[str] = []

    def look(execute: object, sql: str, params: object, many: bool, context: object) -> object:
        seen.append(failpoints.name_of(sql))
        return execute(sql, params, many, context)  # type: ignore[operator]

    with connection.execute_wrapper(look):
        act(one)  # type: ignore[operator]
    assert seen == points
