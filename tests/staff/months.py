"""Make a past month with a value in every figure, for tests of its pages."""

from datetime import date

from django.db import connection

from billing import outcomes
from billing.credits import give_credit
from billing.models import BillMonth, Charge, ParkedEntry
from billing.month import closing, figures
from groups.models import Contract
from superfamilja.accounts.models import User
from tests.billing.closing import reviewer
from tests.factories import ContractFactory, at, charge

OCTOBER = date(2026, 10, 1)
NUMBER = 202610
SECOND = at("2026-11-02 09:00")


def settled(contract: Contract, amount_lek: int, moment: str = "2026-10-05 12:00") -> Charge:
    posted = charge(contract, amount_lek, moment)
    return outcomes.settle(reference=posted.reference, at=at(moment))


def a_full_october() -> Contract:
    """Make October with every kind of amount.

    500 and 800 settled, 1,000 reversed, 1,300 held, a credit of 200, 500 carried in from September;
    a second contract whose entry says 700 where its lines say 800.
    """
    contract, other = ContractFactory(), ContractFactory()
    late = charge(contract, 500, "2026-09-30 23:00")
    closing.close_month(month=date(2026, 9, 1), at=at("2026-10-01 09:00"), actor=reviewer())
    outcomes.settle(reference=late.reference, at=at("2026-10-02 09:00"))
    first = settled(contract, 500)
    settled(contract, 800)
    failed = charge(contract, 1000, "2026-10-05 12:00")
    outcomes.reverse(reference=failed.reference, at=at("2026-10-05 12:01"), reason="failed")
    charge(contract, 1300, "2026-10-05 12:00")
    give_credit(
        charge=first,
        amount_lek=200,
        key="1",
        at=at("2026-10-06 09:00"),
        actor=reviewer(),
        reason="slow",
    )
    settled(other, 800)
    spoil(other, 700)
    return contract


def spoil(contract: Contract, spent: int) -> None:
    """Make an entry disagree with its lines, as no verb would leave it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_billentry SET spent = %s WHERE contract_id = %s AND month = %s",
            [spent, contract.pk, OCTOBER],
        )


def closed(by: User | None = None) -> BillMonth:
    """Close October."""
    closing.close_month(month=OCTOBER, at=SECOND, actor=by or reviewer(), reason="month is over")
    return BillMonth.objects.get(month=OCTOBER)


def approved() -> BillMonth:
    """Close and approve October."""
    closed()
    return closing.approve_month(
        month=OCTOBER, at=SECOND, actor=reviewer("approves"), reason="figures checked"
    )


def parked() -> ParkedEntry:
    """Return the entry that October's close parked."""
    a_full_october()
    closed()
    return ParkedEntry.objects.get()


def seen() -> figures.Figures:
    return figures.if_closed(OCTOBER)
