"""The pages of the search, and the customer whole."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from groups import personal_number
from groups.models import Contract
from groups.pages.opening import opens_a_customer
from klikon.customer import finding, task_at_hand
from klikon.customer.timeline import page as timeline
from klikon.reading import overview
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.accounts.stores import chosen
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values import texts
from superfamilja.values.months import month_number, month_of

_SEARCHED, _OWNED = "searched", "searched_owner"


@permission_required("groups.view_contract", raise_exception=True)
def search_page(request: StaffRequest) -> HttpResponse:
    """Search. The text comes by POST and stays in the session, so that no address carries it."""
    if request.method == "POST":
        text = texts.clean(request.POST.get("text", "")[:100])
        if personal_number.is_one(text):
            return _search_an_owner(request, text)
        request.session[_SEARCHED] = text
        request.session.pop(_OWNED, None)
        found = finding.find(request, text)
        return _found(request, found)
    text, page = request.session.get(_SEARCHED, ""), _number(request, "page", 1)
    owned = request.session.get(_OWNED)
    if owned is None:
        found = finding.find(request, text, page)
    else:
        found = finding.by_owner(list(Contract.objects.filter(pk__in=owned)), page)
    task_at_hand.remember(request, found.results, portal_clock.now())
    context = {
        "searched": text,
        "found": found,
        "page": page,
        "has_more": found.has_more,
        "is_by_owner": owned is not None,
    }
    return render(request, "staff/search.html", context)


def _search_an_owner(request: StaffRequest, text: str) -> HttpResponse:
    """By a whole personal number: counted, and only what it named stays in the session."""
    store, at = chosen.current(request), portal_clock.now()
    try:
        owned = personal_number.owned_by(
            typed=text, actor=request.user, at=at, store=store.code if store else ""
        )
    except Refusal as refusal:
        context = {"searched": text, "found": finding.Found(), "refusal": refusal.text()}
        return render(request, "staff/search.html", context)
    request.session[_SEARCHED], request.session[_OWNED] = "", [c.pk for c in owned]
    return _found(request, finding.by_owner(owned))


def _found(request: StaffRequest, found: finding.Found) -> HttpResponse:
    task_at_hand.remember(request, found.results, portal_clock.now())
    return redirect(found.only_one.address if found.only_one else "search")


@permission_required("groups.view_contract", raise_exception=True)
@opens_a_customer
@require_GET
def contract_page(request: StaffRequest, contract: Contract) -> HttpResponse:
    """One customer whole: who, the group, the month, what happened."""
    at = portal_clock.now()
    seen = overview.overview(contract, at)
    may = request.user.has_perm
    context: dict[str, Any] = {
        "seen": seen,
        "contract": contract,
        "contact_changes": contract.contact_changes.the_crm_is_behind().exists(),
        "month": month_of(at),
        "timeline": timeline.page(request, contract),
    }
    if may("billing.view_billentry"):
        context["entry"] = overview.entry_of(contract, month_of(at))
        context["bill_of"] = month_number(month_of(at))
    if may("klikon.view_activation"):
        context["activations"] = overview.last_activations(contract)
        if seen.terms:
            context["bar"] = overview.month_bar(contract.pk, seen.terms.cap_lek, at)
    if may("billing.view_dispute"):
        context["questions"] = overview.last_questions(contract, at)
    return render(request, "staff/contract.html", context)


@permission_required("groups.view_contract", raise_exception=True)
@opens_a_customer
@require_GET
def timeline_page(request: StaffRequest, contract: Contract) -> HttpResponse:
    """Show everything that happened to one customer, or one kind of it, a page at a time."""
    context = {"contract": contract, "timeline": timeline.page(request, contract)}
    return render(request, "staff/timeline.html", context)


def _number(request: StaffRequest, name: str, default: int) -> int:
    try:
        return max(int(request.GET.get(name, default)), 1)
    except ValueError:
        raise Http404 from None
