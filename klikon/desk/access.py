"""Decide who may see which request: a shop its own, auditors all, others none."""

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
    """Let only staff with that permission, at work in a shop, reach the page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            desk = cast(DeskRequest, request)
            desk.store = chosen.require(request)
            return view(desk, *args, **kwargs)

        return admin.site.admin_view(permission_required(permission, raise_exception=True)(guarded))

    return decorate


def own_draft(request: DeskRequest, pk: int) -> Draft:
    """Return the request if it is of this shop; otherwise raise 404."""
    return get_object_or_404(_rows().filter(store=request.store), pk=pk)


def readable_drafts(request: StaffRequest) -> QuerySet[Draft]:
    """Return what this person may read: auditors all, a shop its own, others nothing."""
    if request.user.has_perm(READ_ALL):
        return _rows()
    store = chosen.current(request)
    if store and request.user.has_perm(SERVE):
        return _rows().filter(store=store)
    return _rows().none()


def readable(view: View) -> View:
    """Let people reach the page who may read at least some requests; the view checks each."""
    return admin.site.admin_view(view)


def asked_first(request: StaffRequest, draft: Draft) -> HttpResponse | None:
    """Ask auditors and administrators why they open this customer (docs/adr/0019).

    Return the page that asks before they see a request, a paper or a scan; None when they may look.
    """
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
