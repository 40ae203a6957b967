"""kill -9 between any two statements of an activation: all of it exists, or none (R21).

The same key gives one answer, charged once.
"""

import signal
from functools import partial
from typing import Any

import pytest
from django.db import connection

from klikon.activation.refusals import OverTheGroupsLimit, RepeatNotConfirmed
from tests.faults import failpoints, family
from tests.faults.failpoints import ANSWER, END, LIMITED, PLAIN, REFUSED, UNDER_WAY
from tests.faults.family import Family, what_stands
from tests.faults.processes import elsewhere, ours

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING: dict[str, int] = {}
ACTIVATED = {"spent": 500, "charges": 1, "activations": 1, "messages": 3, "jobs": 1}
A_REFUSAL = {"refusals": 1}


def kill_at(point: str, one: Family, act: Any = family.buy) -> None:
    """Let the act die there, in a process of its own."""
    dying = partial(family.struck, act, one, point, failpoints.kill_self)
    assert elsewhere(dying, ours()).exitcode == -signal.SIGKILL


def whole_or_nothing(one: Family, point: str, whole: dict[str, int]) -> None:
    stands = what_stands(one)
    if point == UNDER_WAY:
        assert stands in (NOTHING, whole)
    else:
        assert stands == (whole if point == ANSWER else NOTHING)


@pytest.mark.parametrize(
    ("made", "point"),
    [("plain", point) for point in PLAIN + END] + [("limited", point) for point in LIMITED + END],
)
def test_r21_killed_there_it_stands_whole_or_not_and_the_retry_charges_once(
    made: str, point: str
) -> None:
    one: Family = getattr(family, made)()
    kill_at(point, one)
    whole_or_nothing(one, point, ACTIVATED)
    first, again = family.buy(one), family.buy(one)
    assert first == again
    assert what_stands(one) == ACTIVATED


@pytest.mark.parametrize("point", REFUSED + END)
def test_r21_killed_on_the_way_to_a_refusal_the_retry_hears_it_and_nothing_else_stands(
    point: str,
) -> None:
    one = family.refused()
    kill_at(point, one)
    whole_or_nothing(one, point, A_REFUSAL)
    for _ in range(2):
        with pytest.raises(OverTheGroupsLimit):
            family.buy(one)
    assert what_stands(one) == A_REFUSAL


@pytest.mark.parametrize(
    ("made", "points"), [("plain", PLAIN), ("limited", LIMITED), ("refused", REFUSED)]
)
def test_there_is_a_point_before_every_statement(made: str, points: list[str]) -> None:
    one: Family = getattr(family, made)()
    seen: list[str] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(failpoints.name_of(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        if made == "refused":
            with pytest.raises(OverTheGroupsLimit):
                family.buy(one)
        else:
            family.buy(one)
    assert seen == points


class TestControls:
    """Broken activations, which the tests above must notice."""

    def test_with_the_charge_committed_apart_a_charge_stands_alone_and_comes_twice(self) -> None:
        one = family.plain()
        kill_at("messages", one, family.buy_with_the_charge_apart)
        with pytest.raises(AssertionError):
            whole_or_nothing(one, "messages", ACTIVATED)
        assert what_stands(one) == {"spent": 500, "charges": 1}
        family.buy(one)
        assert what_stands(one) == {**ACTIVATED, "spent": 1000, "charges": 2}

    def test_without_looking_back_the_retry_hears_something_else(self) -> None:
        one = family.plain()
        kill_at(ANSWER, one)
        with pytest.raises(RepeatNotConfirmed):
            family.buy_without_looking_back(one)
