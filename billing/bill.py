"""Tell which charges make up a month's bills, and build a contract's bill by line (R14, R29)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.models import (
    BillEntry,
    CarriedCharge,
    Charge,
    ChargeState,
    Credit,
    CreditSentence,
    ParkedEntry,
    not_reversed,
)
from groups.models import Contract
from superfamilja.values.lek import vat_within
from superfamilja.values.months import bill_month, month_label

# Relation of (entry_id, charge_id, month, amount_lek): each charge with the bill that it is on.
# `month` is the charge's own month. After the close it no longer changes: a billed charge is not
# reversed any more, and a carried charge never returns.
ON_THE_BILLS = f"""
    SELECT c.entry_id, c.id AS charge_id, c.month, c.amount_lek
    FROM billing_charge c
    WHERE c.month = %(month)s AND {not_reversed("c")} AND NOT EXISTS (
        SELECT FROM billing_carriedcharge k WHERE k.charge_id = c.id AND k.withdrawn_at IS NULL
    )
    UNION ALL
    SELECT e.id, c.id, c.month, c.amount_lek
    FROM billing_carriedcharge k
    JOIN billing_charge c ON c.id = k.charge_id
    JOIN billing_billentry e ON e.contract_id = k.contract_id AND e.month = k.into_month
    WHERE k.into_month = %(month)s
"""  # noqa: S608 - only our own fragments are joined in


@dataclass(frozen=True)
class BillLine:
    """One line of a contract's bill.

    `counts_lek` is what it adds to the total, in Lek. A charge that is reversed or on another bill
    shows its amount and counts nothing.
    """

    at: datetime
    what: str | Promise
    text: str | Promise
    charge: Charge
    counts_lek: int
    note: str | Promise = ""

    @property
    def amount_lek(self) -> int:
        """Return the amount of the charge or of the credit, with its sign."""
        return self.counts_lek if self.counts_lek else self.charge.amount_lek


@dataclass(frozen=True)
class Bill:
    """A contract's bill of a month with its lines. Without an entry there was never a charge."""

    contract: Contract
    month: date
    entry: BillEntry | None
    lines: list[BillLine] = field(default_factory=list)
    parked: ParkedEntry | None = None

    @property
    def total_lek(self) -> int:
        return self.entry.total_lek if self.entry else 0

    @property
    def vat_lek(self) -> Decimal:
        """Return the VAT in the total, computed once (E2)."""
        return vat_within(self.total_lek)

    @property
    def lines_lek(self) -> int:
        """Return the sum of the lines; it differs from the total only on a parked entry."""
        return sum(line.counts_lek for line in self.lines)


@dataclass(frozen=True)
class BillOfCharge:
    """Where a charge is billed: its month of Klik-ON, and that month's fixed bill."""

    month: date
    on_bill: date


def bill_of_charge(charge: Charge) -> BillOfCharge | None:
    """Return the bill of a charge; None when it is on no bill, or on which is not known yet.

    A reversed charge is on none. One that is still verified after its month closed is not placed
    yet (R29).
    """
    if charge.is_reversed:
        return None
    carried = CarriedCharge.objects.in_force().filter(charge=charge).first()
    month = carried.into_month if carried else charge.month
    return BillOfCharge(month, bill_month(month)) if month else None


def bill_of(contract: Contract, month: date) -> Bill:
    """Return the month's bill with every line, in a constant number of queries.

    Reversed and carried charges count 0, because they happened in the month but are not on its
    bill.
    """
    entry = contract.bill_entries.filter(month=month).first()
    if entry is None:
        return Bill(contract, month, None)
    lines = [*_charges(entry), *_carried_in(entry), *_credits(entry)]
    parked = entry.parked.waiting().first()
    return Bill(contract, month, entry, sorted(lines, key=_order), parked)


def _order(line: BillLine) -> tuple[datetime, int, bool]:
    """Order by time, then by posting, so that a bill always reads the same."""
    return line.at, line.charge.pk, line.counts_lek < 0


def _charges(entry: BillEntry) -> Iterator[BillLine]:
    carried = set(
        CarriedCharge.objects.in_force()
        .filter(contract=entry.contract_id, from_month=entry.month)
        .values_list("charge_id", flat=True)
    )
    for charge in entry.charges.all():
        left = charge.pk in carried
        is_off = left or charge.is_reversed
        note: str | Promise = ""
        if charge.is_reversed:
            note = _("reversed")
        elif charge.state == ChargeState.HELD:
            note = _("being verified")
        elif left:
            note = _("on a later bill")
        yield BillLine(
            charge.accepted_at,
            _("Charge"),
            charge.text,
            charge,
            0 if is_off else charge.amount_lek,
            note,
        )


def _carried_in(entry: BillEntry) -> Iterator[BillLine]:
    carried = CarriedCharge.objects.filter(
        contract=entry.contract_id, into_month=entry.month
    ).select_related("charge")
    for row in carried:
        yield BillLine(
            row.charge.accepted_at,
            _("Charge of an earlier month"),
            row.charge.text,
            row.charge,
            row.charge.amount_lek,
            # E17: the line names its own month.
            format_lazy(_("of month {month}"), month=month_label(row.charge.month)),
        )


def _credits(entry: BillEntry) -> Iterator[BillLine]:
    given: list[Credit] = list(entry.credits.select_related("charge"))
    for credit in given:
        yield BillLine(
            # The customer reads this line, so it never shows the reason that staff wrote for each
            # other.
            credit.credited_at,
            _("Credit"),
            CreditSentence(credit.told).label,
            credit.charge,
            -credit.amount_lek,
        )
