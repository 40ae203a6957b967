"""Two activations that draw the same reference at the same instant both succeed (R36)."""

from collections import Counter
from dataclasses import replace
from functools import partial
from threading import get_ident
from typing import Any
from unittest import mock

import pytest

from klikon.activation import fresh_reference, references, snapshot
from klikon.activation.activate import activate
from klikon.models import Activation, Channel
from tests.concurrency.racing import DONE, meeting_before, race
from tests.factories import at, family_with_leader

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-05 14:05")


def buying(leader: str) -> partial[Activation]:
    return partial(
        activate,
        leader=leader,
        member=leader,
        package="S700",
        at=NOW,
        channel=Channel.IVR,
        client="reference race",
        key=leader,
    )


def both_draw_the_same() -> tuple[Counter[str], list[Activation]]:
    """Let two families draw the same; each is about to post its charge before the other commits."""
    drawn = references.new_reference()
    return both_buy(drawn)


def both_buy(drawn: str) -> tuple[Counter[str], list[Activation]]:
    leaders = [family_with_leader()[1].member.msisdn for _family in range(2)]
    with (
        mock.patch("klikon.activation.activate.new_reference", return_value=drawn),
        meeting_before("billing.charges.post_charge"),
    ):
        ended = race(*[buying(leader) for leader in leaders])
    return ended, list(Activation.objects.filter(client="reference race", key__in=leaders))


def test_r36_two_that_draw_the_same_end_with_a_reference_each() -> None:
    ended, activations = both_draw_the_same()
    assert ended == {DONE: 2}
    assert len({activation.reference for activation in activations}) == 2


def test_control_without_the_reservation_one_of_them_breaks() -> None:
    real = snapshot.lock

    def unreserved(*args: Any) -> snapshot.Locked:
        return replace(real(*args), reference_reserved=True)

    with mock.patch.object(snapshot, "lock", unreserved):
        ended, activations = both_draw_the_same()
    assert ended == {DONE: 1, "IntegrityError": 1}
    assert len(activations) == 1


def both_draw_the_same_anew() -> tuple[Counter[str], list[Activation]]:
    """What both draw first is taken, and the next one is the same for both."""
    taken = buying(family_with_leader()[1].member.msisdn)().reference
    real, drawn = references.new_reference, references.new_reference()
    asked: set[int] = set()

    def the_same_once() -> str:
        if get_ident() in asked:
            return real()
        asked.add(get_ident())
        return drawn

    with mock.patch.object(references, "new_reference", the_same_once):
        return both_buy(taken)


def test_r36_two_that_draw_the_same_anew_end_with_a_reference_each() -> None:
    ended, activations = both_draw_the_same_anew()
    assert ended == {DONE: 2}
    assert len({activation.reference for activation in activations}) == 2


def test_control_without_the_second_reservation_one_of_them_breaks() -> None:
    with mock.patch.object(fresh_reference, "_is_reserved", return_value=True):
        ended, _ = both_draw_the_same_anew()
    assert ended == {DONE: 1, "IntegrityError": 1}
