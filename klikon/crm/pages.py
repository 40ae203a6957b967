"""The register of what the CRM told, for staff."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.pages.months import page_of
from klikon.crm.models import CrmEvent, CrmOutcome

PAGE = 50


@require_GET
@permission_required("crm.view_crmevent", raise_exception=True)
def crm_events(request: HttpRequest) -> HttpResponse:
    """Newest first; or those alone that nobody here knows."""
    page, only_unknown = page_of(request), request.GET.get("only") == CrmOutcome.UNKNOWN
    known = CrmEvent.objects.order_by("-received_at", "-pk")
    if only_unknown:
        known = known.filter(outcome=CrmOutcome.UNKNOWN)
    rows = list(known[(page - 1) * PAGE : page * PAGE + 1])
    context = {
        "events": rows[:PAGE],
        "only_unknown": only_unknown,
        "page": page,
        "has_more": len(rows) > PAGE,
        "narrowed": "only=unknown&" if only_unknown else "",
    }
    return render(request, "staff/crm_events.html", context)
