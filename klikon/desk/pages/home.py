"""The desk itself: one search box, and what stands open in this shop."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from klikon.desk.access import SERVE, DeskRequest, in_a_shop
from klikon.desk.models import Draft, DraftState
from superfamilja.clock import portal_clock

SHOWN = 30


@require_GET
@in_a_shop(SERVE)
def desk_page(request: DeskRequest) -> HttpResponse:
    """Own requests first, what came back before all; then the shop's, what waits for the
    manager, and scans that are due."""
    shop = Draft.objects.of(request.store)
    standing = (
        shop.standing().select_related("contract", "changed_by", "sent_by").order_by("-changed_at")
    )
    drafts = list(standing)
    came_back = set(shop.came_back_to(request.user).values_list("pk", flat=True))
    mine = [d for d in drafts if d.pk in came_back]
    # What the manager sent back is the task of who served it, and not his for that.
    mine += [
        d for d in drafts if d.is_open and d.changed_by == request.user and not d.returned_because
    ]
    due = shop.without_scan().select_related("contract", "done_by").order_by("done_at")
    context = {
        "mine": mine,
        "others": [d for d in drafts if d.is_open and d not in mine],
        "waiting": [d for d in drafts if d.state == DraftState.WAITING],
        "due": list(due[:SHOWN]),
        "now": portal_clock.now(),
    }
    return render(request, "desk/desk.html", context)
