"""Figures of the calls to 130: outcomes, durations, refusals by kind, drop-off by step."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from klikon.activation.refusals import BY_CODE
from klikon.ivr.figures import CallFigures, figures
from klikon.ivr.models import PhoneCall
from klikon.ivr.words import PLACES, REFUSALS
from superfamilja.accounts.roles import CARE_AGENT
from tests.factories import at
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db

NOON = at("2026-11-05 12:00")
_numbers = count(1)


def call(*path: str, moment: Any = NOON, seconds: int | None = 40, **fields: Any) -> PhoneCall:
    """Record a call through these places that ended at the last one; without seconds it goes on."""
    ended = (
        {"ended_at": None}
        if seconds is None
        else {
            "ended_at": moment + timedelta(seconds=seconds),
            "end": fields.pop("end", "finished"),
            "left_at": path[-1] if path else "",
        }
    )
    return PhoneCall.objects.create(
        adapter="sip",
        call_id=str(next(_numbers)),
        began_at=moment,
        path=list(path),
        **ended,
        **fields,
    )


def seen() -> CallFigures:
    return figures(at("2026-11-05 00:00"), at("2026-11-06 00:00"))


def test_outcomes_with_their_durations() -> None:
    for seconds in (30, 50, 70):
        call("arriving", "members", seconds=seconds, outcome="activated")
    call("arriving", "told", seconds=20)
    found = seen()
    assert [
        (str(kind.words), kind.calls, kind.share, kind.median, kind.within_a_minute)
        for kind in found.outcomes
    ] == [("u informua", 1, 25, 20, 1), ("u aktivizua", 3, 75, 50, 2)]
    assert found.all is not None
    assert (found.all.calls, found.all.median, found.all.longest) == (4, 40, 67)


def test_drop_off_is_how_many_came_to_a_step_and_how_many_ended_there() -> None:
    call("arriving", "members", "looking", "packages", "price", "activating", "afterwards")
    call("arriving", "members", "looking", "packages", end="hung_up")
    call("arriving", "members", "looking", "packages", "members", "packages", end="hung_up")
    call("arriving", "members", end="finished")
    found = {str(step.words): step for step in seen().steps}
    packages, members = found[str(PLACES["packages"])], found[str(PLACES["members"])]
    assert (packages.reached, packages.ended, packages.hung_up, packages.share) == (3, 2, 2, 67)
    assert (members.reached, members.ended, members.hung_up, members.share) == (4, 1, 0, 25)


def test_steps_come_in_the_order_of_the_dialogue_without_the_goodbye() -> None:
    call("arriving", "members", "price", "members", "end")
    assert [str(step.words) for step in seen().steps] == [
        str(PLACES[place]) for place in ("arriving", "members", "price")
    ]


def test_refusals_by_kind_the_most_frequent_first() -> None:
    for refusal in ("over_the_cap", "wrong_pin", "over_the_cap", ""):
        call("arriving", refusal=refusal)
    assert [(str(r.words), r.calls, r.share) for r in seen().refusals] == [
        ("mbi kufirin mujor", 2, 50),
        ("PIN i gabuar", 1, 25),
    ]


def test_a_call_without_an_end_is_told_apart() -> None:
    call(seconds=None)
    assert (seen().all, seen().on_the_line) == (None, 1)


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        ("2026-11-04 23:59", 0),
        ("2026-11-05 00:00", 1),
        ("2026-11-05 23:59", 1),
        ("2026-11-06 00:00", 0),
    ],
)
def test_a_day_is_a_day_in_tirana(moment: str, counts: int) -> None:
    call("arriving", moment=at(moment))
    found = seen().all
    assert (found.calls if found else 0) == counts


def test_every_refusal_that_a_call_may_end_with_has_words() -> None:
    assert set(BY_CODE) - set(REFUSALS) == set()


class TestThePage:
    @pytest.mark.parametrize(
        ("period", "calls"), [("today", 1), ("7", 2), ("30", 3), ("2026-11", 3), ("2026-10", 1)]
    )
    def test_the_period_is_chosen(self, period: str, calls: int) -> None:
        for day in ("2026-11-05", "2026-10-29", "2026-11-01", "2026-11-30"):
            call("arriving", moment=at(f"{day} 09:00"))
        assert self._said(period).count("<dd>") == 3
        assert f"<dd>{calls}</dd>" in self._said(period)

    def test_without_a_choice_it_is_the_last_seven_days(self) -> None:
        assert '<option value="7" selected>' in self._said("")

    def test_what_is_no_period_is_said(self) -> None:
        assert "Choose one of the periods of the list." in self._said("2019-13")

    def test_no_number_of_a_caller_is_on_it(self) -> None:
        call("arriving", caller="+355670001234")
        assert "1234" not in self._said("7")

    def test_it_asks_as_often_for_many_calls_as_for_few(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in (1, 20):
            for _ in range(number):
                call("arriving", "members", refusal="over_the_cap")
            with django_assert_num_queries(4):
                seen()

    def test_the_calls_lead_to_it(self) -> None:
        page = signed_in(CARE_AGENT).get(reverse("admin:ivr_phonecall_changelist"))
        assert reverse("call_figures") in page.content.decode()

    def test_a_bookmark_of_before_it_was_an_app_leads_to_the_register(self) -> None:
        client = signed_in(CARE_AGENT)
        for rest in ("", "?outcome=refused", "7/change/"):
            answer = client.get(f"/admin/klikon/phonecall/{rest}")
            assert (answer.status_code, answer["Location"]) == (302, f"/admin/ivr/phonecall/{rest}")

    @time_machine.travel(NOON)
    def _said(self, period: str) -> str:
        answer = signed_in(CARE_AGENT).get(reverse("call_figures"), {"period": period})
        return str(answer.content.decode())
