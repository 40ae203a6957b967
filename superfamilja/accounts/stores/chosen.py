"""Bind a session of staff to the shop that the person chose after the sign-in.

The session holds the number of its StoreSession. At each request three rows must still be valid:
the StoreSession, the person's link to the shop, and the shop. The binding ends with any of them.
"""

from contextlib import suppress
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from superfamilja.accounts import roles
from superfamilja.accounts.models import SessionEnd, Store, StoreSession, User
from superfamilja.accounts.refusals import NoStore, NotYourStore
from superfamilja.accounts.stores import store_sessions
from superfamilja.audit import acts
from superfamilja.clock import portal_clock

SIGNED_IN_AT = "staff_signed_in_at"
STORE_SESSION = "staff_store_session"
_WORKS_IN_NONE = 0
_CACHED = "_store_session"


def current(request: HttpRequest) -> Store | None:
    """Return the shop that this session is bound to. One query a request, none for other roles."""
    session = _session_of(request)
    return session.store if session else None


def require(request: HttpRequest) -> Store:
    """Return the shop of this session. Raise NoStore, which is a PermissionDenied as well."""
    store = current(request)
    if store is None:
        raise NoStore
    return store


def may_change(request: HttpRequest) -> bool:
    """Return whether this person, at work in a shop, could change to another one."""
    return bool(getattr(_session_of(request), "has_another", False))


def open_to(user: User) -> QuerySet[Store]:
    """Return the open shops of this person, by code."""
    return Store.objects.filter(staff=user, is_active=True)


def works_in_one(user: User) -> bool:
    """Return whether this person has a role in a shop."""
    return user.groups.filter(name__in=roles.IN_A_STORE).exists()


def first_page(user: User) -> str:
    """Return the name of this person's first page."""
    return settings.STORE_FIRST_PAGE if works_in_one(user) else settings.LOGIN_REDIRECT_URL


def must_choose(request: HttpRequest) -> bool:
    """Return whether this signed-in person must choose a shop first.

    A person's only shop is entered without a question, once after the sign-in. A session that has
    lost its shop is asked.
    """
    if current(request):
        return False
    if STORE_SESSION in request.session:
        return bool(request.session[STORE_SESSION] != _WORKS_IN_NONE)
    user = cast(User, request.user)
    if not works_in_one(user):
        # A changed role ends every session, so the answer holds for the whole session.
        request.session[STORE_SESSION] = _WORKS_IN_NONE
        return False
    mine = open_to(user)[:2]
    if len(mine) == 1:
        with suppress(NotYourStore):  # taken from him, or shut, at this very moment
            enter(request, mine[0], at=portal_clock.now())
    return current(request) is None


@transaction.atomic
def enter(request: HttpRequest, store: Store, *, at: datetime) -> None:
    """Bind this session to the shop, and leave the one before. A repeated request changes nothing.

    Raises NotYourStore.
    """
    # Lock the person's row (against the same request twice, or a move) and the shop's (against
    # shutting).
    user = User.objects.select_for_update().get(pk=cast(User, request.user).pk)
    mine = open_to(user).select_for_update(of=("self",), no_key=True)
    if not mine.filter(pk=store.pk):
        raise NotYourStore
    signed_in_at = datetime.fromisoformat(request.session[SIGNED_IN_AT])
    of_this_sign_in = store_sessions.still_open().filter(user=user, signed_in_at=signed_in_at)
    here = of_this_sign_in.select_related("store").first()
    if here is None or here.store_id != store.pk:
        store_sessions.end(of_this_sign_in, SessionEnd.CHANGED_STORE, at)
        here = _begin(user, store, signed_in_at, at, left=here)
    request.session[STORE_SESSION] = here.pk
    if hasattr(request, _CACHED):
        delattr(request, _CACHED)


def _begin(
    user: User, store: Store, signed_in_at: datetime, at: datetime, left: StoreSession | None
) -> StoreSession:
    if left:
        acts.record("change_store", actor=user, at=at, store=store.code, before=left.store.code)
    else:
        acts.record("sign_in_to_store", actor=user, at=at, store=store.code)
    return StoreSession.objects.create(
        user=user, store=store, signed_in_at=signed_in_at, began_at=at, last_seen_at=at
    )


def still_there(request: HttpRequest, at: datetime) -> None:
    """Record that this session was seen. The gate calls it twice a minute at most."""
    if number := request.session.get(STORE_SESSION):
        store_sessions.still_open().filter(pk=number).update(last_seen_at=at)


def leave(request: HttpRequest, how: SessionEnd, at: datetime | None = None) -> None:
    """End this session's time in its shop: at that moment, or when it was last seen."""
    if number := request.session.get(STORE_SESSION):
        store_sessions.end(store_sessions.still_open().filter(pk=number), how, at)


def _session_of(request: HttpRequest) -> StoreSession | None:
    if not hasattr(request, _CACHED):
        setattr(request, _CACHED, _found(request))
    found: StoreSession | None = getattr(request, _CACHED)
    return found


def _found(request: HttpRequest) -> StoreSession | None:
    session = getattr(request, "session", None)
    number = session.get(STORE_SESSION) if session is not None else None
    if not number or not request.user.is_authenticated:
        return None
    others = Store.objects.filter(staff=request.user, is_active=True)
    return (
        store_sessions.still_open()
        .filter(pk=number, user=request.user, store__in=others)
        .select_related("store")
        .annotate(has_another=Exists(others.exclude(pk=OuterRef("store_id"))))
        .first()
    )
