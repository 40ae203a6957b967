"""A call in trouble gets an apology while there is a line, and the next call hears the truth."""

import asyncio
import threading
from typing import Any

import pytest

from klikon.ivr import carrying
from klikon.ivr.carrying import Carrier, HungUp
from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.turns import Say, Turn
from klikon.ivr.models import CallEnd
from tests.klikon.ivr.house import LEADER, House
from tests.klikon.ivr.loop import run


class Paper:
    """A register in memory."""

    contract_id: int | None = None

    def __init__(self, *, broken: bool = False) -> None:
        self.broken, self.path, self.ended, self.failed = broken, [], None, False

    def begin(self, _number: str) -> None:
        if self.broken:
            raise ConnectionError

    def passes(self, turn: Turn) -> None:
        self.path.append(turn.place.name)

    def fails(self) -> None:
        self.failed = True

    def end(self, end: CallEnd) -> None:
        self.ended = end
        if self.broken:
            raise ConnectionError


class Answers:
    """The house as facts; at the question `gone_at` the database is away."""

    contract_id = None

    def __init__(self, house: House, gone_at: type | None = None) -> None:
        self.house, self.gone_at = house, gone_at

    def answer(self, question: Any) -> Any:
        if self.gone_at and isinstance(question, self.gone_at):
            raise ConnectionError
        return self.house.answer(question)


class Wire:
    """A line whose caller presses `keys` and hangs up at the prompt `gone_at`."""

    def __init__(self, keys: str, gone_at: str = "") -> None:
        self.keys, self.gone_at, self.heard, self.hung_up = list(keys), gone_at, [], False

    async def play(self, said: Say, language: str, stops_at: str) -> str | None:
        self.heard.append(said.key)
        if said.key == self.gone_at:
            raise HungUp
        return None

    async def key(self, seconds: float) -> str | None:
        return self.keys.pop(0) if self.keys else None

    async def hang_up(self) -> None:
        self.hung_up = True

    async def transfer(self) -> None:
        self.heard.append("(transfer)")


def carried(wire: Wire, answers: Answers, paper: Paper, *, care: bool = False) -> None:
    run(Carrier(wire, answers, paper).carry(LEADER, care=care))


def test_a_whole_call() -> None:
    house, wire, paper = House(), Wire("3112"), Paper()
    carried(wire, Answers(house), paper)
    assert (len(house.activated), wire.hung_up, paper.ended) == (1, True, "finished")


def test_a_hang_up_at_the_price_activates_nothing() -> None:
    house, paper = House(), Paper()
    carried(Wire("311", gone_at="price_left"), Answers(house), paper)
    assert (house.activated, paper.ended) == ([], "hung_up")


def test_a_hang_up_at_the_done_leaves_it_done() -> None:
    house, paper = House(), Paper()
    carried(Wire("311", gone_at="done"), Answers(house), paper)
    assert (len(house.activated), paper.ended) == (1, "hung_up")


@pytest.mark.parametrize(
    ("gone_at", "apology"),
    [(ask.WhoCalls, "sorry"), (ask.WhatFits, "sorry"), (ask.ActivateByPhone, "sorry_after_yes")],
)
def test_where_the_database_is_away_the_caller_hears_an_apology(
    gone_at: type, apology: str
) -> None:
    wire, paper = Wire("311"), Paper()
    carried(wire, Answers(House(), gone_at), paper)
    assert wire.heard[-2:] == [apology, "goodbye"]
    assert (wire.hung_up, paper.failed) == (True, True)


def test_a_register_that_cannot_be_written_stops_no_call() -> None:
    house = House()
    carried(Wire("3112"), Answers(house), Paper(broken=True))
    assert len(house.activated) == 1


def test_a_slow_register_keeps_no_line_and_is_written_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr(carrying, "PATIENCE", 0.0)
    may_begin, paper = threading.Event(), Paper()
    monkeypatch.setattr(paper, "begin", lambda _number: may_begin.wait(30))

    async def call() -> None:
        await Carrier(Wire(""), Answers(House()), paper).carry(LEADER)
        assert paper.ended is None  # the call is over, its line is free
        may_begin.set()
        await asyncio.gather(*carrying._writing)

    run(call())
    assert paper.ended == "finished"


def test_an_answer_that_takes_too_long_is_an_apology(monkeypatch) -> None:
    monkeypatch.setattr(carrying, "PATIENCE", 0.0)
    wire = Wire("311")
    carried(wire, Answers(House()), Paper())
    assert wire.heard[-2:] == ["sorry", "goodbye"]


def test_care_is_handed_on() -> None:
    wire = Wire("0")
    carried(wire, Answers(House()), Paper(), care=True)
    assert wire.heard[-2:] == ["care", "(transfer)"]


class Silent(Wire):
    """A caller who presses nothing more once the keys are used up."""

    async def key(self, seconds: float) -> str | None:
        if not self.keys:
            await asyncio.Event().wait()
        return await super().key(seconds)


def test_a_call_that_has_become_too_long_is_told_so(monkeypatch) -> None:
    monkeypatch.setattr(carrying, "LONGEST", 0.0)
    wire, paper = Silent(""), Paper()
    carried(wire, Answers(House()), paper)
    assert wire.heard[-2:] == ["too_long", "goodbye"]
    assert (wire.hung_up, paper.ended, paper.path) == (
        True,
        "finished",
        ["arriving", "members", "end"],
    )


def test_what_was_confirmed_is_told_however_long_the_call_is(monkeypatch) -> None:
    house, wire, paper = House(), Silent("311"), Paper()
    now = carrying._now
    monkeypatch.setattr(carrying, "_now", lambda: now() + (901 if house.activated else 0))
    carried(wire, Answers(house), paper)
    assert (len(house.activated), paper.ended) == (1, "finished")
    assert paper.path[-3:] == ["activating", "afterwards", "end"]
    assert wire.heard[wire.heard.index("done") :] == [
        "done",
        "reference",
        "room",
        "another",
        "too_long",
        "goodbye",
    ]


def test_who_is_gone_when_it_is_too_long_has_hung_up(monkeypatch) -> None:
    monkeypatch.setattr(carrying, "LONGEST", 0.0)
    paper = Paper()
    carried(Silent("", gone_at="too_long"), Answers(House()), paper)
    assert paper.ended == "hung_up"
