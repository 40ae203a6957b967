"""Simultaneous wrong PINs are all counted, so that nobody gets a fourth guess."""

from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet

from klikon.leader import phone_pin
from klikon.models import LeaderAssignment, PhonePin
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race
from tests.factories import at, family_with_leader
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-05 14:05")


@pytest.fixture
def leader() -> LeaderAssignment:
    leader = family_with_leader()[1]
    phone_pin.set_pin(
        proof=payers_word(leader.group.contract, NOW), leader=leader, pin="8305", at=NOW
    )
    return leader


def guessing(leader: LeaderAssignment, pin: str) -> partial[None]:
    return partial(phone_pin.check, leader=leader, pin=pin, at=NOW)


def wrong_tries(leader: LeaderAssignment) -> int:
    row = phone_pin.current(leader)
    assert row is not None
    return row.wrong_tries


def test_two_wrong_at_once_count_two(leader: LeaderAssignment) -> None:
    with meeting_before("klikon.leader.phone_pin.check_password"):
        assert race(guessing(leader, "4711"), guessing(leader, "4712")) == {"wrong_pin": 2}
    assert wrong_tries(leader) == 2


def test_control_without_the_lock_they_would_count_one(
    leader: LeaderAssignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(rows: Any, **_how: Any) -> Any:
        return rows

    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    with meeting_before("klikon.leader.phone_pin.check_password"):
        race(guessing(leader, "4711"), guessing(leader, "4712"))
    assert wrong_tries(leader) == 1


def test_of_many_guesses_at_once_three_are_heard(leader: LeaderAssignment) -> None:
    guesses = [guessing(leader, pin) for pin in ("4711", "4712", "4713", "4714", "4715", "4716")]
    assert race(*guesses) == {"wrong_pin": 2, "phone_locked": 4}


def test_the_right_one_among_them_is_heard_once_or_not_at_all(leader: LeaderAssignment) -> None:
    guesses = [guessing(leader, pin) for pin in ("4711", "4712", "4713", "4714", "8305")]
    assert race(*guesses)[DONE] <= 1


class TestRemovingItByASignatureWhileTheThirdWrongTryComes:
    """A locked PIN needs a proof that loosens; an unlocked one is removed by a signature."""

    def removed(self, leader: LeaderAssignment) -> tuple[dict[str, int], bool]:
        """Return how the third guess ended, and whether the removed PIN was locked."""
        for pin in ("4711", "4712"):
            with pytest.raises(phone_pin.WrongPin):
                phone_pin.check(leader=leader, pin=pin, at=NOW)
        guess = guessing(leader, "4713")
        with interrupted_by(guess, "klikon.leader.phone_pin.require_tightening") as third:
            phone_pin.remove_pin(leader=leader, at=NOW)
        row = PhonePin.objects.get(assignment=leader, ended_at__isnull=False)
        return dict(third.result(30)), row.locked_at is not None

    def test_the_guess_waits_and_finds_no_pin(self, leader: LeaderAssignment) -> None:
        assert self.removed(leader) == ({"no_pin": 1}, False)

    def test_control_without_the_lock_a_locked_pin_is_removed(
        self, leader: LeaderAssignment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)
        assert self.removed(leader) == ({"phone_locked": 1}, True)
