"""Who may see which request: the shop its own, auditors all, nobody else any."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from klikon.desk.models import Draft
from superfamilja.accounts import stores
from superfamilja.accounts.models import Store, User

SERVE = "groups.serve_groups"
APPROVE = "desk.approve_declaration"
READ_ALL = "desk.view_draft"

View = Callable[..., HttpResponse]


class DeskRequest(HttpRequest):
    """A request of staff that has passed the gate, the permission and the shop."""

    store: Store
    user: User  # type: ignore[assignment]


def in_a_shop(permission: str) -> Callable[[View], View]:
    """The page is for staff with that permission, at work in a shop."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            desk = cast(DeskRequest, request)
            desk.store = stores.require(request)
            return view(desk, *args, **kwargs)

        asked = permission_required(permission, raise_exception=True)(guarded)
        return cast(View, admin.site.admin_view(asked))

    return decorate


def own_draft(request: DeskRequest, pk: int) -> Draft:
    """The request, if it is of this shop; of another one there is none (404)."""
    return get_object_or_404(_rows().filter(store=request.store), pk=pk)


def readable_drafts(request: HttpRequest) -> QuerySet[Draft]:
    """What this person may read: auditors all, a shop its own, others nothing."""
    user = cast(User, request.user)
    if user.has_perm(READ_ALL):
        return _rows()
    store = stores.current(request)
    if store and user.has_perm(SERVE):
        return _rows().filter(store=store)
    return _rows().none()


def readable(view: View) -> View:
    """A page for whoever may read at least some requests; the view asks for each."""
    return cast(View, admin.site.admin_view(view))


def _rows() -> QuerySet[Draft]:
    return Draft.objects.select_related(
        "contract", "store", "opened_by", "changed_by", "sent_by", "done_by",
        "declaration__assignment", "declaration__member",
    )  # fmt: skip
