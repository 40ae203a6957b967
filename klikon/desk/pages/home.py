"""The desk's first page: a search box, and the open requests of this shop."""

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
    """Show own requests first, starting with those sent back; then the shop's.

    The shop's are those that wait for the manager, other open ones, and scans that are due.
    """
    shop = Draft.objects.of(request.store)
    standing = (
        shop.standing().select_related("contract", "changed_by", "sent_by").order_by("-changed_at")
    )
    drafts = list(standing)
    came_back = set(shop.came_back_to(request.user).values_list("pk", flat=True))
    mine = [d for d in drafts if d.pk in came_back]
    # A request sent back is the task of whoever served it; the manager's decision does not make it
    # theirs.
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
