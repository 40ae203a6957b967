"""The Fixed Leader's pages: the family, the month, the bills, every charge."""

from datetime import date, datetime
from itertools import chain

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import disputes
from billing.bill import Bill, bill_of, bill_of_charge
from billing.models import Dispute
from groups import terms
from groups.models import Contract, ContractStatus, TermsVersion
from klikon.leader import phone_pin
from klikon.models import Activation, WaitingRequest
from klikon.payer import asking, limits
from klikon.portal import scope
from klikon.portal.payer import choosing
from klikon.reading import overview
from klikon.reading.bar import Bar
from superfamilja.clock import portal_clock
from superfamilja.customers.gate import FamilyRequest, family_required
from superfamilja.data.csv_files import csv_lines
from superfamilja.values.months import (
    bill_month,
    local_date,
    month_before,
    month_of,
    next_month,
    parse_month,
)

A_PAGE = 20


@family_required
def home(request: FamilyRequest, pk: int) -> HttpResponse:
    """Show the family, its leader, the month as a bar, the coming bill, the last activations.

    Without a leader it is the page that chooses one.
    """
    contract = scope.contract_seen_by(request, pk)
    now = portal_clock.now()
    seen = overview.overview(contract, now)
    month = month_of(now)
    in_force = seen.terms or _last_terms(seen, now)
    over = _what_is_over(seen)
    context = {
        "contract": contract,
        "seen": seen,
        "members": seen.members,
        "month": month,
        "on_bill": bill_month(month),
        "entry": overview.entry_of(contract, month),
        "activations": overview.last_activations(contract)[:5],
        "bar": _bar(contract, in_force, now) if in_force else None,
        **over,
        "limit": limits.spoken(seen.terms.cap_lek, seen.terms) if seen.terms else "",
        "waiting": WaitingRequest.objects.waiting(now)
        .filter(contract=contract)
        .select_related("member", "package", "leader")
        .order_by("expires_at"),
        "asked_above": asking.ask_above_of(seen.group) if seen.group else None,
        "pin": phone_pin.current(seen.leader) if seen.leader else None,
        "questions": Dispute.objects.standing().filter(contract=contract).select_related("charge"),
        "form": choosing.NewLeaderForm(seen.members) if seen.members and not seen.leader else None,
    }
    return render(request, "portal/closed.html" if over else "portal/payer.html", context)


@family_required
def activations(request: FamilyRequest, pk: int) -> HttpResponse:
    """Show every activation of this contract, newest first."""
    contract = scope.contract_seen_by(request, pk)
    rows = contract.activations.select_related(
        "member", "leader", "package", "charge", "actor"
    ).order_by("-accepted_at", "-pk")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/activations.html", {"contract": contract, "page": page})


@family_required
def charge(request: FamilyRequest, pk: int) -> HttpResponse:
    """Show one charge: who, when, how, for whom, by whose Declaration, under which terms."""
    found = scope.charge_of(request, pk)
    activation: Activation | None = getattr(found, "activation", None)
    leader = None
    if activation:
        leader = (
            activation.group.leader_assignments.filter(
                member=activation.leader, assigned_at__lte=activation.accepted_at
            )
            .select_related("declaration")
            .order_by("-assigned_at")
            .first()
        )
    return render(
        request,
        "portal/charge.html",
        {
            "contract": found.contract,
            "charge": found,
            "activation": activation,
            "named": leader,
            "bill": bill_of_charge(found),
            "is_known": hasattr(found, "recognition"),
            "questions": found.disputes.prefetch_related(
                "conversation__credit", "conversation__reversal"
            ).order_by("-opened_at"),
            "complaint_until": disputes.complaint_until(found),
            "today": local_date(portal_clock.now()),
        },
    )


@family_required
def bills(request: FamilyRequest, pk: int) -> HttpResponse:
    """Show every month with a charge, newest first, and the coming bill on top."""
    contract = scope.contract_seen_by(request, pk)
    page = Paginator(contract.bill_entries.order_by("-month"), 12).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/bills.html",
        {"contract": contract, "page": page, "month": month_of(portal_clock.now())},
    )


@family_required
def bill(request: FamilyRequest, pk: int, month: str) -> HttpResponse:
    """Show one month: its total, the VAT, and every line."""
    contract = scope.contract_seen_by(request, pk)
    shown = _bill(contract, month)
    this = month_of(portal_clock.now())
    context = {
        "contract": contract,
        "bill": shown,
        "is_coming": shown.month == this,
        "on_bill": bill_month(shown.month),
        "before": month_before(shown.month),
        "after": next_month(shown.month) if shown.month < this else None,
    }
    return render(request, "portal/bill.html", context)


@family_required
def bill_csv(request: FamilyRequest, pk: int, month: str) -> HttpResponse:
    """Return the same lines for a spreadsheet."""
    contract = scope.contract_seen_by(request, pk)
    shown = _bill(contract, month)
    lines = csv_lines(
        [_("When"), _("What"), _("Text"), _("Lek"), _("Note"), _("Reference")],
        [
            (
                f"{timezone.localtime(line.at):%Y-%m-%d %H:%M}",
                line.what,
                line.text,
                line.counts_lek,
                line.note,
                line.charge.reference,
            )
            for line in shown.lines
        ],
    )
    return HttpResponse(
        chain(["\ufeff"], lines),  # spreadsheets recognise UTF-8 only by this mark
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="klik-on-{shown.month:%Y-%m}.csv"'},
    )


def _what_is_over(seen: overview.ContractOverview) -> dict[str, object]:
    """R15: return the group that closed last, the contract's end, and what is still owed.

    Return None while a group is open, or when there never was one.
    """
    is_ended = seen.contract.status == ContractStatus.ENDED
    if not is_ended and (seen.group or not seen.past_groups):
        return {}
    return {
        "is_ended": is_ended,
        "closed": seen.past_groups[0] if seen.past_groups and not seen.group else None,
        "last_bills": seen.contract.bill_entries.order_by("-month")[:3],
    }


def _last_terms(seen: overview.ContractOverview, at: datetime) -> TermsVersion | None:
    """R15: return the terms of the group that closed last, for what was spent while it was open."""
    return terms.in_force(seen.past_groups[0], at) if seen.past_groups else None


def _bar(contract: Contract, in_force: TermsVersion, at: datetime) -> Bar:
    return overview.month_bar(contract.pk, in_force.cap_lek, at, family=True)


def _bill(contract: Contract, month: str) -> Bill:
    try:
        first: date = parse_month(month)
    except ValueError as error:
        raise Http404 from error
    if first > month_of(portal_clock.now()):
        raise Http404
    return bill_of(contract, first)
