"""References that can be read out (ADR 0006)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klikon.references import ALPHABET, parse_reference, reference_for


def test_a_reference_is_two_times_four_characters() -> None:
    assert reference_for(1) == "KN-TKDH-E4NC"


@pytest.mark.parametrize("typed", ["KN-TKDH-E4NC", "kn-tkdh-e4nc", "TKDH E4NC"])
def test_it_is_read_however_it_was_typed(typed: str) -> None:
    assert parse_reference(typed) == "KN-TKDH-E4NC"


@given(st.integers(1, 10**9), st.integers(0, 6), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(number: int, place: int, wrong: str) -> None:
    characters = reference_for(number).removeprefix("KN-").replace("-", "")
    if characters[place] == wrong:
        return
    with pytest.raises(ValueError, match=r".+"):
        parse_reference(characters[:place] + wrong + characters[place + 1 :])


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_two_numbers_never_share_a_reference(one: int, other: int) -> None:
    assert (reference_for(one) == reference_for(other)) == (one == other)
