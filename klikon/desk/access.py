"""Who may see which request: the shop its own, auditors all, nobody else any."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from groups.pages import opening
from klikon.desk.models import Draft
from superfamilja.accounts.models import Store
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.accounts.stores import chosen

SERVE = "groups.serve_groups"
APPROVE = "desk.approve_declaration"
READ_ALL = "desk.view_draft"

View = Callable[..., HttpResponseBase]


class DeskRequest(StaffRequest):
    """A request of staff with the permission, at work in a shop."""

    store: Store


def in_a_shop(permission: str) -> Callable[[View], View]:
    """The page is for staff with that permission, at work in a shop."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            desk = cast(DeskRequest, request)
            desk.store = chosen.require(request)
            return view(desk, *args, **kwargs)

        return admin.site.admin_view(permission_required(permission, raise_exception=True)(guarded))

    return decorate


def own_draft(request: DeskRequest, pk: int) -> Draft:
    """The request, if it is of this shop; of another one there is none (404)."""
    return get_object_or_404(_rows().filter(store=request.store), pk=pk)


def readable_drafts(request: StaffRequest) -> QuerySet[Draft]:
    """What this person may read: auditors all, a shop its own, others nothing."""
    if request.user.has_perm(READ_ALL):
        return _rows()
    store = chosen.current(request)
    if store and request.user.has_perm(SERVE):
        return _rows().filter(store=store)
    return _rows().none()


def readable(view: View) -> View:
    """A page for whoever may read at least some requests; the view asks for each."""
    return admin.site.admin_view(view)


def asked_first(request: StaffRequest, draft: Draft) -> HttpResponse | None:
    """Auditors and administrators say why they open this customer before they see a request, a
    paper or a scan of his (docs/adr/0019); None for who may look."""
    if request.user.has_perm(READ_ALL):
        return opening.asked_first(request, draft.contract)
    return None if request.method == "GET" else HttpResponseNotAllowed(["GET"])


def _rows() -> QuerySet[Draft]:
    return Draft.objects.select_related(
        "contract",
        "store",
        "opened_by",
        "changed_by",
        "sent_by",
        "done_by",
        "declaration__assignment",
        "declaration__member",
    )
