"""Race for one charge with real threads; each test turns its guard off to see the race."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from unittest import mock

import pytest

from billing import outcomes
from billing.credits import give_credit
from billing.models import Charge, ChargeQuerySet, Credit
from superfamilja.accounts.models import User
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race, without
from tests.factories import ContractFactory, at, charge, entry

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-20 10:00")
WITHIN_AMOUNT = (
    "ALTER TABLE billing_charge DROP CONSTRAINT charge_credited_within_amount",
    "ALTER TABLE billing_charge ADD CONSTRAINT charge_credited_within_amount CHECK "
    "(credited_lek = 0 OR (state = 'settled' AND credited_lek <= amount_lek)) NOT VALID",
)
_numbers = count()


@pytest.fixture
def settled() -> Charge:
    posted = charge(ContractFactory(), 500)
    return outcomes.settle(reference=posted.reference, at=NOW)


def crediting(posted: Charge, amount_lek: int, key: str = "") -> partial[Credit]:
    number = next(_numbers)
    author = User.objects.create_user(f"credits-{posted.pk}-{number}", is_staff=True)
    return partial(
        give_credit,
        charge=posted,
        amount_lek=amount_lek,
        key=key or f"key-{number}",
        at=NOW,
        actor=author,
        reason="the shop was slow",
    )


def reversing(posted: Charge) -> partial[Charge]:
    return partial(outcomes.reverse, reference=posted.reference, at=NOW, reason="failed")


@contextmanager
def no_row_lock() -> Iterator[None]:
    with mock.patch.object(ChargeQuerySet, "select_for_update", lambda self: self.all()):
        yield


class TestTwoCreditsOfOneCharge:
    def attempt(self, settled: Charge) -> dict[str, int]:
        with meeting_before("billing.credits._write"):
            return race(crediting(settled, 300), crediting(settled, 300))

    def test_r13_only_what_is_left_can_be_credited(self, settled: Charge) -> None:
        assert self.attempt(settled) == {DONE: 1, "credit_too_large": 1}
        assert entry(settled.contract).total_lek == 200

    def test_control_without_the_lock_the_check_has_to_stop_it(self, settled: Charge) -> None:
        with no_row_lock():
            assert self.attempt(settled) == {DONE: 1, "IntegrityError": 1}

    def test_control_without_both_more_than_the_charge_is_credited(self, settled: Charge) -> None:
        with no_row_lock(), without(*WITHIN_AMOUNT):
            assert self.attempt(settled) == {DONE: 2}
        assert entry(settled.contract).total_lek == -100

    def test_r21_the_same_key_twice_at_once_gives_one_credit(self, settled: Charge) -> None:
        once = crediting(settled, 300, key="one")
        with meeting_before("billing.credits._write"):
            assert race(once, once) == {DONE: 2}
        assert settled.credits.count() == 1


class TestReversalAgainstCredit:
    """A credit is given after a reversal has checked and before it has written."""

    def attempt(self, settled: Charge) -> tuple[dict[str, int], dict[str, int]]:
        crediting_meanwhile = crediting(settled, 300)
        with interrupted_by(crediting_meanwhile, at="billing.outcomes._give_room_back") as credited:
            reversed_ = race(reversing(settled))
        return reversed_, credited.result()

    def test_r13_the_credit_waits_and_finds_the_charge_reversed(self, settled: Charge) -> None:
        assert self.attempt(settled) == ({DONE: 1}, {"charge_not_settled": 1})
        assert entry(settled.contract).total_lek == 0

    def test_control_without_the_lock_the_check_has_to_stop_it(self, settled: Charge) -> None:
        with no_row_lock():
            assert self.attempt(settled) == ({"IntegrityError": 1}, {DONE: 1})
        assert entry(settled.contract).total_lek == 200
