"""Send papers and scans as files, and make blanks for a broken printer."""

from typing import cast

from csp.decorators import csp_replace
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from klikon.desk import drafts
from klikon.desk.access import (
    APPROVE,
    SERVE,
    DeskRequest,
    asked_first,
    in_a_shop,
    own_draft,
    readable,
    readable_drafts,
)
from klikon.desk.models import Paper, Scan, ScanPage
from klikon.desk.pages.draft_look import show_draft
from klikon.desk.papers import blanks, scanning
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.uploads.refusals import PageLost
from superfamilja.values.lek_field import CountField
from superfamilja.web import typed


@readable
@never_cache
@xframe_options_sameorigin
# The request's page prints it from a frame.
@csp_replace({"frame-ancestors": ["'self'"]})  # type: ignore[arg-type]
def paper(asked: HttpRequest, pk: int) -> HttpResponse:
    """Send the printed bytes, always the same; each look is recorded."""
    request = cast(StaffRequest, asked)
    found = get_object_or_404(
        Paper.objects.select_related("draft__contract", "draft__store").filter(
            draft__in=readable_drafts(request), content__isnull=False
        ),
        pk=pk,
    )
    if why := asked_first(request, found.draft):
        return why
    drafts.record(
        "view_paper", found.draft, request.user, portal_clock.now(), paper=found.reference
    )
    return _pdf(bytes(found.content or b""), found.reference)


@readable
@never_cache
def scan_page(request: StaffRequest, pk: int) -> HttpResponse:
    """Send one page of a scan; each look is recorded."""
    papers = Paper.objects.filter(draft__in=readable_drafts(request))
    page = get_object_or_404(
        ScanPage.objects.select_related(
            "scan__paper__draft__contract", "scan__paper__draft__store"
        ).filter(scan__paper__in=papers),
        pk=pk,
    )
    if why := asked_first(request, page.scan.paper.draft):
        return why
    try:
        picture = scanning.picture(page, actor=request.user, at=portal_clock.now())
    except PageLost as refusal:
        return HttpResponse(refusal.text(), status=410, content_type="text/plain; charset=utf-8")
    return HttpResponse(picture, content_type="image/jpeg")


@require_POST
@in_a_shop(SERVE)
def withdraw_scan(request: DeskRequest, pk: int) -> HttpResponse:
    """Withdraw a scan of the wrong paper."""
    scan = get_object_or_404(Scan.objects.select_related("paper"), pk=pk)
    draft = own_draft(request, scan.paper.draft_id)
    reason = typed.text(request.POST, "reason")
    try:
        scanning.withdraw(scan=scan, actor=request.user, at=portal_clock.now(), reason=reason)
    except Refusal as refusal:
        messages.error(request, refusal.text())
    return redirect("draft", draft.pk)


@require_POST
@in_a_shop(APPROVE)
def vouch_for_scan(request: DeskRequest, pk: int) -> HttpResponse:
    """Vouch for a scan without a QR code, as a second person with a reason."""
    scan = get_object_or_404(Scan.objects.select_related("paper"), pk=pk)
    draft, reason = own_draft(request, scan.paper.draft_id), typed.text(request.POST, "reason")
    try:
        scanning.vouch(scan=scan, actor=request.user, at=portal_clock.now(), reason=reason)
    except Refusal as refusal:
        return show_draft(request, draft, refusal=refusal.text(), vouching=(scan.pk, reason))
    messages.success(request, _("Your word stands beside the scan."))
    return redirect("draft", draft.pk)


class BlanksForm(forms.Form):
    """How many forms to print."""

    count = CountField(
        label=_("How many blank forms?"),
        min_value=1,
        max_value=blanks.AT_ONCE,
        initial=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


@in_a_shop(SERVE)
def blanks_page(request: DeskRequest) -> HttpResponse:
    """Print numbered forms in advance."""
    form = BlanksForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = blanks.make_blanks(
            store=request.store,
            count=form.cleaned_data["count"],
            actor=request.user,
            at=portal_clock.now(),
        )
        return _pdf(blanks.drawn(made), f"{made[0].number}-{len(made)}")
    left = blanks.unused(request.store)
    return render(request, "desk/blanks.html", {"form": form, "left": left})


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
