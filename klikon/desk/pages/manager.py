"""The pages of a shop's manager: the day end, letters, and cancelling a mistake of today."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from klikon.desk.access import APPROVE, DeskRequest, in_a_shop, own_draft
from klikon.desk.day import cancelling, day_end
from klikon.desk.models import DayEnd, Draft, DraftState
from klikon.desk.pages.small_forms import DayEndForm
from superfamilja.accounts.site.act_page import ReasonForm
from superfamilja.accounts.stores import store_sessions
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values import shop_day
from superfamilja.web import typed

SHOWN = 31


@in_a_shop(APPROVE)
def day_page(request: DeskRequest) -> HttpResponse:
    """Show the day: papers not yet filed, open requests, who was here."""
    return _day(request)


@require_POST
@in_a_shop(APPROVE)
def file_papers(request: DeskRequest) -> HttpResponse:
    """Mark the ticked papers as filed."""
    chosen = typed.numbers(request.POST.getlist("paper"))
    try:
        filed = day_end.file_papers(
            store=request.store, papers=chosen, actor=request.user, at=portal_clock.now()
        )
    except Refusal as refusal:
        return _day(request, refusal=refusal.text())
    messages.success(request, _("Filed: %(count)s.") % {"count": filed})
    if filed < len(set(chosen)):
        messages.warning(
            request,
            _("Not filed: %(count)s. Their scan is missing, or carries no QR code of its paper.")
            % {"count": len(set(chosen)) - filed},
        )
    return redirect("day_end")


@require_POST
@in_a_shop(APPROVE)
def close_day(request: DeskRequest) -> HttpResponse:
    """Sign the day as its manager."""
    note = typed.text(request.POST, "note")
    try:
        day_end.close_day(store=request.store, actor=request.user, at=portal_clock.now(), note=note)
    except Refusal as refusal:
        return _day(request, refusal=refusal.text(), note=note)
    messages.success(request, _("The day is closed."))
    return redirect("day_end")


@in_a_shop(APPROVE)
def letters_page(request: DeskRequest) -> HttpResponse:
    """Show the letters to payers; ticked ones are marked as posted."""
    if request.method == "POST":
        chosen = typed.numbers(request.POST.getlist("letter"))
        try:
            posted = day_end.post_letters(
                store=request.store, chosen=chosen, actor=request.user, at=portal_clock.now()
            )
        except Refusal as refusal:
            messages.error(request, refusal.text())
            return redirect("letters")
        messages.success(request, _("In the post: %(count)s.") % {"count": posted})
        return redirect("letters")
    return render(request, "desk/letters.html", {"letters": day_end.letters(request.store)})


@in_a_shop(APPROVE)
def cancel_page(request: DeskRequest, pk: int) -> HttpResponse:
    """Show what was spent meanwhile before asking for the reason."""
    draft = own_draft(request, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"draft": draft, "form": form, "spent": cancelling.spent_by(draft)}
    if request.method == "POST" and form.is_valid():
        try:
            cancelling.cancel(
                draft=draft,
                actor=request.user,
                at=portal_clock.now(),
                reason=form.cleaned_data["reason"],
            )
        except Refusal as refusal:
            context["refusal"] = refusal.text()
        else:
            messages.success(request, _("The Declaration is cancelled."))
            return redirect("draft", pk)
    return render(request, "desk/cancel.html", context)


def _day(request: DeskRequest, note: str = "", **context: Any) -> HttpResponse:
    store, now = request.store, portal_clock.now()
    day = shop_day.day_of(now)
    last = day_end.last_end(store)
    since = last.closed_at if last else None
    standing = Draft.objects.of(store).standing().select_related("contract", "changed_by")
    drafts = list(standing.order_by("changed_at"))
    context |= {
        "form": DayEndForm(initial={"note": note}),
        "last": last,
        "figures": day_end.figures(store, since),
        "papers": list(day_end.papers_since(store, since)),
        "open": [d for d in drafts if d.state == DraftState.OPEN],
        "waiting": [d for d in drafts if d.state == DraftState.WAITING],
        "exceptions": day_end.exceptions(store, since),
        "sessions": store_sessions.sessions_of(store, day, at=now, turns_at=shop_day.DAY_TURNS_AT),
        "letters": day_end.letters(store).count(),
        "ends": DayEnd.objects.filter(store=store)
        .select_related("closed_by")
        .order_by("-day")[:SHOWN],
        "day": day,
        "address": reverse("day_end"),
    }
    return render(request, "desk/day_end.html", context)
