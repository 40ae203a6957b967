"""The desk's pages: search, and the contract whole."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from groups import search
from groups.models import Contract
from klikon import overview
from klikon.models import Activation
from klikon.references import parse_reference
from superfamilja.messages.models import OutgoingMessage
from superfamilja.months import month_number, month_of

PAGE = 20
_SEARCHED = "searched"


@permission_required("groups.view_contract", raise_exception=True)
def search_page(request: HttpRequest) -> HttpResponse:
    """What was typed comes by POST and stays in the session: no address ever carries it."""
    if request.method == "POST":
        text = request.POST.get("text", "")[:100].strip()
        request.session[_SEARCHED] = text
        return _straight_to_it(request, text) or redirect("search")
    text = request.session.get(_SEARCHED, "")
    try:
        page = max(int(request.GET.get("page", "1")), 1)
    except ValueError:
        raise Http404 from None
    hits = search.by_key(text)
    start = (page - 1) * PAGE
    by_name = [] if hits else search.by_name(text, start=start, count=PAGE + 1)
    context = {
        "searched": text,
        "hits": hits or by_name[:PAGE],
        "page": page,
        "has_more": len(by_name) > PAGE,
        "first": start + 1,
    }
    return render(request, "staff/search.html", context)


def _straight_to_it(request: HttpRequest, text: str) -> HttpResponse | None:
    """A reference, or a number that only one contract has, needs no list."""
    try:
        reference = parse_reference(text)
    except ValueError:
        hits = search.by_key(text)
        return redirect("contract", pk=hits[0].contract.pk) if len(hits) == 1 else None
    found = Activation.objects.filter(reference=reference).first()
    if found and request.user.has_perm("klikon.view_activation"):
        return redirect("admin:klikon_activation_change", found.pk)
    return None


@require_GET
@permission_required("groups.view_contract", raise_exception=True)
def contract_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One contract whole: who, the group, the month, what happened."""
    contract = get_object_or_404(Contract, pk=pk)
    at = timezone.now()
    seen = overview.overview(contract, at)
    may = request.user.has_perm
    context: dict[str, Any] = {
        "seen": seen,
        "contract": contract,
        "contact_changes": contract.contact_changes.the_crm_is_behind().exists(),
        "month": month_of(at),
    }
    if may("billing.view_billentry"):
        context["entry"] = overview.entry_of(contract, month_of(at))
        context["bill_of"] = month_number(month_of(at))
        if seen.terms:
            context["bar"] = overview.month_bar(contract.pk, seen.terms.cap_lek, at)
    if may("klikon.view_activation"):
        context["activations"] = overview.last_activations(contract)
    if may("outbox.view_outgoingmessage"):
        context["sms"] = OutgoingMessage.objects.recent_for_contract(contract.number, 5)
    if may("billing.view_dispute"):
        context["questions"] = overview.last_questions(contract, at)
    if may("klikon.view_phonecall"):
        context["calls"] = overview.last_calls(contract)
    if may("audit.view_act"):
        context["acts"] = overview.last_acts(contract)
    return render(request, "staff/contract.html", context)
