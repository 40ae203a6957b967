"""References are easy to read out and never repeat (R36, ADR 0020)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klikon.activation import references
from klikon.activation.activate import activate
from klikon.activation.references import new_reference, parse_reference
from klikon.models import Activation, Channel
from superfamilja.values import random_keys
from superfamilja.values.random_keys import ALPHABET
from tests.factories import at, family_with_leader


def buy(key: str) -> Activation:
    leader = family_with_leader()[1].member.msisdn
    return activate(
        leader=leader,
        member=leader,
        package="S700",
        at=at("2026-11-05 14:05"),
        channel=Channel.IVR,
        client="references",
        key=key,
    )


def key_of(characters: str) -> int:
    return random_keys.read_key(characters + random_keys.check(characters))


def test_a_reference_is_three_three_and_four_characters() -> None:
    assert random_keys.spelled(2**31) == "AEN-XMH-M22Q"
    assert len(new_reference()) == len("KN-7QX-4PW-R2AR")


def test_r36_it_has_at_least_40_random_bits() -> None:
    # SMALLEST leaves out the range of counted references, and the fraction leaves out those with K
    # or N in the first two places.
    assert (random_keys.SPACE - random_keys.SMALLEST) * 21 * 21 // (23 * 23) >= 2**40


@pytest.mark.parametrize(
    "typed", ["KN-AEN-XMH-M22Q", "kn-aen-xmh-m22q", "AEN XMH M22Q", "kn aenxmhm22q"]
)
def test_it_is_read_however_it_was_typed(typed: str) -> None:
    assert parse_reference(typed) == "KN-AEN-XMH-M22Q"


@pytest.mark.parametrize("typed", ["KN-TKDH-E4NC", "kn-tkdh-e4nc", "TKDH E4NC"])
def test_counted_references_stay_valid(typed: str) -> None:
    assert parse_reference(typed) == "KN-TKDH-E4NC"


@pytest.mark.parametrize("typed", ["KN-TKDH-E4ND", "TKDH E4ND", "TKHD E4NC"])
def test_a_wrong_character_of_those_that_were_counted_is_noticed(typed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_reference(typed)


@given(st.integers(random_keys.SMALLEST, random_keys.SPACE - 1))
def test_every_key_is_read_as_it_was_spelled(key: int) -> None:
    assert random_keys.read_key(random_keys.spelled(key).replace("-", "")) == key


@given(
    st.integers(random_keys.SMALLEST, random_keys.SPACE - 1),
    st.integers(0, 9),
    st.sampled_from(ALPHABET),
)
def test_every_single_wrong_character_is_noticed(key: int, place: int, wrong: str) -> None:
    characters = random_keys.spelled(key).replace("-", "")
    if characters[place] == wrong or set("KN") & set(characters[:2]):
        return  # the same, or never drawn
    with pytest.raises(ValueError, match=r".+"):
        parse_reference(characters[:place] + wrong + characters[place + 1 :])


@given(st.integers(random_keys.SMALLEST, random_keys.SPACE - 1), st.integers(0, 7))
def test_two_swapped_neighbours_are_noticed(key: int, place: int) -> None:
    typed = list(random_keys.spelled(key).replace("-", ""))
    if typed[place] == typed[place + 1] or set("KN") & set(typed[:2]):
        return  # the same, or never drawn
    typed[place], typed[place + 1] = typed[place + 1], typed[place]
    with pytest.raises(ValueError, match=r".+"):
        parse_reference("".join(typed))


def test_no_reference_without_its_prefix_looks_like_an_older_one_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = [
        key_of("KCCCCCCCC"),
        key_of("CNCCCCCCC"),
        key_of("NKCCCCCCC"),
        random_keys.read_key("AENXMHM22Q"),
    ]
    draws = iter(drawn)
    monkeypatch.setattr(random_keys, "drawn", lambda: next(draws))
    assert new_reference() == "KN-AEN-XMH-M22Q"


@pytest.mark.django_db
def test_a_reference_comes_from_the_systems_random_numbers_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A restored database goes on with other references, because none of its rows leads to one."""
    buy("1")
    monkeypatch.setattr("superfamilja.values.random_keys.secrets.randbelow", lambda _below: 2026)
    assert buy("2").reference == "KN-D9T-XMH-M224"


@pytest.mark.django_db
def test_a_taken_reference_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = buy("1")
    monkeypatch.setattr("klikon.activation.activate.new_reference", lambda: first.reference)
    second = buy("2")
    assert second.reference != first.reference
    assert second.charge.reference == second.order.reference == second.reference


@pytest.mark.django_db
def test_a_chain_of_collisions_is_drawn_through(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = buy("1").reference, buy("2").reference
    draws: Any = iter([first, second, first, "KN-AEN-XMH-M22Q"])
    monkeypatch.setattr("klikon.activation.activate.new_reference", lambda: next(draws))
    monkeypatch.setattr(references, "new_reference", lambda: next(draws))
    assert buy("3").reference == "KN-AEN-XMH-M22Q"
