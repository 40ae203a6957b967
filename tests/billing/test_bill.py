"""One contract's bill of a month, line by line (R14, R29, E17)."""

from datetime import date
from unittest import mock

import pytest
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from billing import bill, outcomes
from billing.bill import bill_of
from billing.credits import give_credit
from billing.models import BILL_LEK, BillEntry, Charge
from groups.models import Contract
from tests.billing.closing import close, reviewer
from tests.factories import ContractFactory, at, charge

pytestmark = pytest.mark.django_db

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
THIRD = at("2026-12-03 10:00")


def settled(contract: Contract, amount_lek: int, moment: str = "2026-11-05 14:05") -> Charge:
    posted = charge(contract, amount_lek, moment)
    return outcomes.settle(reference=posted.reference, at=at(moment))


def shown(contract: Contract, month: date) -> list[tuple[str, int, int, str]]:
    """Return what, amount, counted amount and note of each line."""
    with override("en"):
        return [
            (str(line.what), line.amount_lek, line.counts_lek, str(line.note))
            for line in bill_of(contract, month).lines
        ]


def test_reversed_and_held_charges_are_shown_and_only_the_reversed_one_counts_nothing() -> None:
    contract = ContractFactory()
    settled(contract, 500)
    failed = charge(contract, 800)
    outcomes.reverse(reference=failed.reference, at=at("2026-11-05 14:06"), reason="failed")
    charge(contract, 1000)
    assert shown(contract, NOVEMBER) == [
        ("Charge", 500, 500, ""),
        ("Charge", 800, 0, "reversed"),
        ("Charge", 1000, 1000, "being verified"),
    ]
    assert bill_of(contract, NOVEMBER).total_lek == 1500


def test_e17_what_settled_late_is_on_the_later_bill_with_its_own_month() -> None:
    contract = ContractFactory()
    held = charge(contract, 500)
    close("2026-11")
    assert shown(contract, NOVEMBER) == [("Charge", 500, 0, "being verified")]
    settled(contract, 800, "2026-12-02 12:00")
    outcomes.settle(reference=held.reference, at=THIRD)
    assert shown(contract, NOVEMBER) == [("Charge", 500, 0, "on a later bill")]
    assert shown(contract, DECEMBER) == [
        ("Charge of an earlier month", 500, 500, "of month 11/2026"),
        ("Charge", 800, 800, ""),
    ]
    assert bill_of(contract, DECEMBER).total_lek == 1300


def test_e15_a_credit_is_a_line_that_counts_against_and_the_vat_is_of_the_total() -> None:
    contract = ContractFactory()
    for _ in range(12):
        settled(contract, 500)
    give_credit(
        charge=settled(contract, 500),
        amount_lek=500,
        key="1",
        at=at("2026-11-06 09:00"),
        actor=reviewer(),
        reason="slow line",
    )
    whole = bill_of(contract, NOVEMBER)
    assert (whole.total_lek, whole.lines_lek, str(whole.vat_lek)) == (6000, 6000, "1000.00")
    assert shown(contract, NOVEMBER)[-1] == ("Credit", -500, -500, "")


def test_a_contract_without_an_entry_has_an_empty_bill() -> None:
    empty = bill_of(ContractFactory(), NOVEMBER)
    assert (empty.entry, empty.lines, empty.total_lek, str(empty.vat_lek)) == (None, [], 0, "0.00")


def test_the_queries_do_not_grow_with_the_lines(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    contract = ContractFactory()
    settled(contract, 500)
    with django_assert_num_queries(6):
        bill_of(contract, NOVEMBER)
    for _ in range(5):
        settled(contract, 500)
    with django_assert_num_queries(6):
        bill_of(contract, NOVEMBER)


def test_lines_of_one_moment_stand_in_the_order_in_which_they_were_posted() -> None:
    contract, real = ContractFactory(), bill._charges
    for amount_lek in (500, 800, 1000):
        charge(contract, amount_lek)
    # The order that the database may return after rows were rewritten.
    with mock.patch.object(bill, "_charges", lambda entry: reversed(list(real(entry)))):
        lines = bill_of(contract, NOVEMBER).lines
    assert [line.counts_lek for line in lines] == [500, 800, 1000]


def test_the_bill_of_an_entry_is_the_same_in_sql() -> None:
    row = BillEntry.objects.create(
        contract=ContractFactory(),
        month=NOVEMBER,
        spent=6500,
        ceiling=6500,
        carried_out=800,
        carried_in=500,
        adjusted=-200,
    )
    in_sql = BillEntry.objects.annotate(
        total=RawSQL(BILL_LEK, (), output_field=IntegerField())  # noqa: S611
    ).get()
    assert (row.total_lek, in_sql.total) == (6000, 6000)
