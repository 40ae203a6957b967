"""Show care agents what one contract's bill of a month consists of, as a page and as a file."""

from datetime import date

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from billing.bill import Bill, bill_of
from billing.models import BillEntry, BillMonth, MonthState
from billing.pages.months import known_month
from groups.models import Contract
from groups.pages.opening import opens_a_customer
from superfamilja.clock import portal_clock
from superfamilja.data.csv_files import csv_lines
from superfamilja.values.months import bill_month, month_label, month_number, month_of

NEEDED = ("billing.view_billentry", "groups.view_contract")


@permission_required(NEEDED, raise_exception=True)
@opens_a_customer
@require_GET
def contract_bill(request: HttpRequest, contract: Contract, number: int) -> HttpResponse:
    """Show every line with what it counts, the total, its VAT, and the other months."""
    month = known_month(number)
    row = BillMonth.objects.filter(month=month).first()
    before, after = _other_months(contract, month)
    context = {
        "contract": contract,
        "bill": bill_of(contract, month),
        "month": month,
        "number": number,
        "on_the_bill_of": bill_month(month),
        "state": MonthState(row.state if row else MonthState.OPEN),
        "before": before and month_number(before),
        "after": after and month_number(after),
        "printed_at": portal_clock.now(),
    }
    return render(request, "staff/bill.html", context)


@permission_required(NEEDED, raise_exception=True)
@opens_a_customer
@require_GET
def contract_bill_file(
    request: HttpRequest, contract: Contract, number: int
) -> StreamingHttpResponse:
    """Return the same lines as a file for a spreadsheet; the last one is the total."""
    bill = bill_of(contract, known_month(number))
    name = f"klikon-{bill.month:%Y-%m}-{bill.entry.reference if bill.entry else 'bill'}.csv"
    return StreamingHttpResponse(
        csv_lines(_header(), _rows(bill)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _header() -> list[str]:
    return [
        _("when"),
        _("line"),
        _("text"),
        _("charge"),
        _("amount, Lek"),
        _("counts, Lek"),
        _("note"),
    ]


def _rows(bill: Bill) -> list[list[object]]:
    rows: list[list[object]] = [
        [
            f"{localtime(line.at):%Y-%m-%d %H:%M}",
            str(line.what),
            str(line.text),
            line.charge.reference,
            line.amount_lek,
            line.counts_lek,
            str(line.note),
        ]
        for line in bill.lines
    ]
    label = f"{_('Total')} {month_label(bill.month)}"
    return [*rows, ["", label, _("VAT in it"), "", bill.vat_lek, bill.total_lek, ""]]


def _other_months(contract: Contract, month: date) -> tuple[date | None, date | None]:
    """Return the nearest months before and after that have a bill; the present one always does."""
    months = BillEntry.objects.filter(contract=contract).values_list("month", flat=True)
    now = month_of(portal_clock.now())
    before = months.filter(month__lt=month).order_by("-month").first()
    after = months.filter(month__gt=month).order_by("month").first()
    return before, after or (now if now > month else None)
