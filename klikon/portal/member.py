"""A member's page: what was activated for them, by whom, until when; no money of others."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from klikon.activation.quote import leader_of
from klikon.models import Activation
from klikon.portal import scope
from klikon.reading.active import active_packages
from superfamilja.clock import portal_clock
from superfamilja.customers.gate import FamilyRequest, family_required


@family_required
def home(request: FamilyRequest) -> HttpResponse:
    """Show the packages of this member's number, present and past."""
    member = scope.membership_of(request)
    rows = (
        Activation.objects.filter(member=member)
        .select_related("package", "leader", "charge")
        .order_by("-accepted_at", "-pk")
    )
    return render(
        request,
        "portal/member.html",
        {
            "member": member,
            "person": active_packages([member], portal_clock.now())[0],
            "leader": leader_of(member.group),
            "page": Paginator(rows, 20).get_page(request.GET.get("page")),
        },
    )
