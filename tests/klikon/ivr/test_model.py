"""Whatever is pressed and wherever the line drops, only a yes activates, and only once."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from klikon.ivr.carrying import HungUp
from klikon.ivr.dialogue.menus import MORE
from klikon.ivr.dialogue.turns import Keys, Say
from tests.klikon.ivr.calling import Phoned
from tests.klikon.ivr.house import LEADER, PAYER, STRANGER, House
from tests.klikon.ivr.test_carrying import Answers, Paper, Wire, carried

KEYS = st.text("0123456789*#.", max_size=120)
# Keys of callers who make progress, mixed with all others.
LIKELY = st.lists(
    st.sampled_from(["1", "2", "3", "11", "311", "0671230003", "#", "*", ".", "5", "4071#", "0."]),
    max_size=60,
).map("".join)
WORLDS = st.builds(
    House,
    spent=st.sampled_from([0, 5500, 6000, 6500]),
    pin=st.sampled_from([None, "4071"]),
    waits_above=st.sampled_from([None, 0, 900]),
)


class Yes:
    """Counts what a person would call a yes: the key 1, alone, at the price."""

    def __init__(self, house: House, number: str) -> None:
        self.call = Phoned(house, number)
        self.given = 0

    def press(self, keys: str) -> None:
        for key in keys:
            before = self.call.turn.place.name
            self.call.press(key)
            self.given += before == "price" and key == "1"


@settings(max_examples=150, deadline=None)
@given(house=WORLDS, keys=KEYS | LIKELY)
def test_nothing_is_activated_without_its_own_yes(house: House, keys: str) -> None:
    caller = Yes(house, LEADER)
    caller.press(keys)
    assert len(house.activated) == caller.given
    confirmations = [act.confirmation for act in house.activated]
    assert confirmations == sorted(set(confirmations))


@settings(max_examples=150, deadline=None)
@given(house=WORLDS, keys=KEYS | LIKELY, number=st.sampled_from([LEADER, PAYER, STRANGER]))
def test_there_is_always_a_way_on_and_silence_always_ends_it(
    house: House, keys: str, number: str
) -> None:
    call = Phoned(house, number).press(keys)
    if not call.is_over:
        wants = call.turn.wants
        assert isinstance(wants, Keys)
        assert wants.choices or wants.pin
        assert len(set(wants.choices) - {MORE}) <= 6
        assert call.turn.says
        assert call.press("...").is_over


class Dropping(Wire):
    """A line that drops at prompt number `drops_at`; it counts each yes to a price.

    A 1 after a 0 does not count, because a key sequence from 0 may be a number and answers no
    price.
    """

    def __init__(self, keys: str, drops_at: int) -> None:
        super().__init__(keys)
        self.drops_at, self.given, self.typed = drops_at, 0, ""

    async def play(self, said: Say, language: str, stops_at: str) -> str | None:
        if len(self.heard) == self.drops_at:
            raise HungUp
        self.typed = ""
        return await super().play(said, language, stops_at)

    async def key(self, seconds: float) -> str | None:
        key = await super().key(seconds)
        self.typed += key or ""
        self.given += key == "1" and self.typed == "1" and self.heard[-1] == "price_keys"
        return key


@settings(max_examples=60, deadline=None)
@given(keys=LIKELY, drops_at=st.integers(0, 80))
@example(keys="110.1", drops_at=19)
def test_wherever_the_line_drops_what_was_confirmed_is_done_and_nothing_else(
    keys: str, drops_at: int
) -> None:
    house, wire = House(), Dropping(keys.replace(".", ""), drops_at)
    carried(wire, Answers(house), Paper())
    assert len(house.activated) == wire.given


@settings(max_examples=60, deadline=None)
@given(house=WORLDS, keys=st.text("123579#*", min_size=70, max_size=140).map(lambda k: k * 9))
def test_no_call_goes_on_for_ever(house: House, keys: str) -> None:
    assert Phoned(house).press(keys).is_over


@settings(max_examples=60, deadline=None)
@given(house=WORLDS, keys=LIKELY)
def test_where_a_pin_is_asked_nothing_is_activated_without_it(house: House, keys: str) -> None:
    Phoned(house).press(keys)
    if house.pin and house.activated:
        assert "4071" in keys
