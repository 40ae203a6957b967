"""The statement that posts, and what it stands on, without anything that activates."""

from datetime import date

import pytest

from billing import charges
from billing.models import BillEntry, BillMonth, Charge
from groups.models import Contract
from tests.factories import ContractFactory, at, entry

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def contract() -> Contract:
    return ContractFactory()


def post(contract: Contract, amount_lek: int, reference: str = "T-1") -> charges.Posted | None:
    return charges.post_charge(
        contract_id=contract.pk,
        month=NOVEMBER,
        amount_lek=amount_lek,
        limit_lek=1300,
        reference=reference,
        text="Super 700: Elira",
        at=NOW,
    )


def test_r10_the_first_charge_may_reach_the_limit(contract: Contract) -> None:
    posted = post(contract, 1300)
    assert posted is not None
    assert posted.spent == 1300


def test_r9_a_lek_more_than_the_limit_writes_nothing(contract: Contract) -> None:
    assert post(contract, 1301) is None
    assert not BillEntry.objects.exists()
    assert not Charge.objects.exists()


def test_r9_r10_the_next_charge_may_reach_it_and_not_pass_it(contract: Contract) -> None:
    post(contract, 500, "T-1")
    assert post(contract, 801, "T-2") is None
    posted = post(contract, 800, "T-3")
    assert posted is not None
    assert (posted.spent, entry(contract).spent) == (1300, 1300)


def test_r13_a_closed_month_takes_nothing(contract: Contract) -> None:
    BillMonth.objects.create(month=NOVEMBER, closed_at=NOW)
    assert post(contract, 500) is None
    assert charges.is_closed(NOVEMBER)


def test_r13_another_month_that_is_closed_stops_nothing(contract: Contract) -> None:
    BillMonth.objects.create(month=OCTOBER, closed_at=NOW)
    assert post(contract, 500) is not None
    assert not charges.is_closed(NOVEMBER)


def test_r10_r12_what_the_month_has_spent_is_its_contracts(contract: Contract) -> None:
    post(contract, 500)
    assert charges.spent(contract.pk, NOVEMBER) == 500
    assert charges.spent(contract.pk, OCTOBER) == 0
    assert charges.spent(ContractFactory().pk, NOVEMBER) == 0


def test_r13_r29_an_adjustment_and_a_carried_charge_are_added_apart(contract: Contract) -> None:
    charges.add_to_entry(contract.pk, NOVEMBER, carried_in_lek=500)
    charges.add_to_entry(contract.pk, NOVEMBER, adjusted_lek=-200)
    charges.add_to_entry(contract.pk, NOVEMBER, carried_in_lek=800)
    added = entry(contract)
    assert (added.spent, added.adjusted, added.carried_in) == (0, -200, 1300)


def test_r13_a_correction_goes_to_the_month_of_its_moment_while_that_is_open() -> None:
    assert charges.open_month(NOW) == NOVEMBER


def test_r13_a_correction_of_a_closed_month_goes_to_the_month_of_the_database() -> None:
    BillMonth.objects.create(month=OCTOBER, closed_at=NOW)
    month = charges.open_month(at("2026-10-31 23:59"))
    assert (month > OCTOBER, month.day, charges.is_closed(month)) == (True, 1, False)
