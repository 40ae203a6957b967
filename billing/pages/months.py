"""Pages of months: the list, one month whole, and the issued files."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from billing.answers import settling
from billing.models import IssuedFile, MonthState
from billing.month import export, overview
from billing.month.overview import MonthOverview
from superfamilja.clock import portal_clock
from superfamilja.values.months import month_before, month_number, month_of, numbered_month

NEXT_STEPS = {"close_month", "approve_month", "issue_month"}


def known_month(number: int) -> date:
    """Return the first day of month 202610; 404 for no month or one that has not begun."""
    try:
        month = numbered_month(number)
    except ValueError:
        raise Http404 from None
    if month > month_of(portal_clock.now()):
        raise Http404
    return month


def page_of(request: HttpRequest) -> int:
    """Return which page of a list was asked for."""
    try:
        return max(int(request.GET.get("page", "1")), 1)
    except ValueError:
        raise Http404 from None


@require_GET
@permission_required("billing.view_billmonth", raise_exception=True)
def month_list(request: HttpRequest) -> HttpResponse:
    """List every month with its state, newest first."""
    page = page_of(request)
    months, has_more = overview.months(portal_clock.now(), page)
    context = {"months": months, "page": page, "has_more": has_more}
    return render(request, "staff/months.html", context)


@require_GET
@permission_required("billing.view_billmonth", raise_exception=True)
def month_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one month whole: its figures with their rows, what to do next, and what happened."""
    month = known_month(pk)
    seen = overview.overview(month)
    before, after = overview.neighbours(month, portal_clock.now())
    context = {
        "seen": seen,
        "month": month,
        "number": pk,
        "month_before": month_before(month),
        "before": before and month_number(before),
        "after": after and month_number(after),
        "acts": _acts(request, seen),
        "settling": settling.standing_of(month) if seen.files else None,
    }
    return render(request, "staff/month.html", context)


def _acts(request: HttpRequest, seen: MonthOverview) -> list[tuple[str, str | Promise, bool]]:
    """Return address and name of what this person may do, and whether it is the next step."""
    may: Any = request.user.has_perm
    is_over = seen.month < month_of(portal_clock.now())
    is_open, is_closed = seen.state == MonthState.OPEN, seen.state == MonthState.CLOSED
    known: list[tuple[bool, str, str | Promise]] = [
        (
            may("billing.close_month") and is_open and is_over and not seen.being_closed,
            "close_month",
            _("Close the month"),
        ),
        (may("billing.approve_month") and is_closed, "approve_month", _("Approve the month")),
        (
            may("billing.export_month") and seen.to_be_issued,
            "issue_month",
            _("Issue the file for the fixed bill"),
        ),
        (may("billing.close_month") and is_closed, "cancel_close", _("Cancel the close")),
        (
            may("billing.export_month") and seen.state != MonthState.APPROVED,
            "draft_month",
            _("Take a draft of the file"),
        ),
    ]
    number = month_number(seen.month)
    return [
        (reverse(name, args=[number]), title, name in NEXT_STEPS)
        for allowed, name, title in known
        if allowed
    ]


@require_GET
@permission_required("billing.export_month", raise_exception=True)
def issued_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return the issued bytes once more; a copy is not recorded as an act."""
    issued = get_object_or_404(IssuedFile, pk=pk)
    return download(StreamingHttpResponse(export.content_of(issued)), issued.name, "text/csv")


@require_GET
@permission_required("billing.export_month", raise_exception=True)
def issued_checksum(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return the file's checksum as `sha256sum -c` reads it."""
    issued = get_object_or_404(IssuedFile, pk=pk)
    answer = HttpResponse(export.checksum_of(issued))
    return download(answer, f"{issued.name}.sha256", "text/plain")


def download(answer: HttpResponseBase, name: str, kind: str) -> HttpResponseBase:
    """Make an answer the file of that name."""
    answer["Content-Type"] = f"{kind}; charset=utf-8"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
