"""Check every request of signed-in staff.

It checks the session's age, the second factor, the password, the owner's notices and, for staff of
a shop, the chosen shop.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from superfamilja.accounts.models import SessionEnd, User
from superfamilja.accounts.second_person import notices
from superfamilja.accounts.sign_in import second_factor
from superfamilja.accounts.stores import chosen
from superfamilja.accounts.stores.chosen import SIGNED_IN_AT
from superfamilja.clock import portal_clock

SEEN_AT = "staff_seen_at"
# Recording every click would cost one write each, so the idle limit may be this much shorter.
SEEN_EVERY = timedelta(seconds=30)

ALWAYS_OPEN = {"account_logout", "admin:logout", "staff_sign_out_everywhere", "set_language"}
SET_UP = "staff_set_up_second_factor"
CHANGE_PASSWORD = "account_change_password"  # noqa: S105 - the name of a page
CHOOSE_STORE = "staff_choose_store"
NOTICES = "staff_account_notices"


class StaffGate:
    """Middleware: lead staff who are not fully signed in to the next step and nowhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Machines have no session: they are not asked who they are, and get no Vary: Cookie.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        user = request.user
        if not (user.is_authenticated and user.is_staff):
            return self.get_response(request)
        if _expired(request, portal_clock.now()):
            chosen.leave(request, SessionEnd.TIME_UP)
            logout(request)
            messages.info(request, _("You were signed out because the time was up. Sign in again."))
            return redirect(settings.LOGIN_URL)
        return _turned_away(request, user) or self.get_response(request)


@receiver(user_logged_in)
def start_the_clock(request: HttpRequest, **_kwargs: object) -> None:
    """A session's hours are counted from its sign-in."""
    now = portal_clock.now().isoformat()
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now
    request.session.pop(chosen.STORE_SESSION, None)


@receiver(user_logged_out)
def leave_the_store(request: HttpRequest, **_kwargs: object) -> None:
    """Who signs out has left the shop."""
    chosen.leave(request, SessionEnd.SIGNED_OUT, portal_clock.now())


def _expired(request: HttpRequest, now: datetime) -> bool:
    try:
        signed_in = datetime.fromisoformat(request.session[SIGNED_IN_AT])
        seen = datetime.fromisoformat(request.session[SEEN_AT])
    except (KeyError, ValueError):
        return True
    if now - signed_in >= timedelta(hours=settings.STAFF_SESSION_HOURS):
        return True
    if now - seen >= timedelta(minutes=settings.STAFF_IDLE_MINUTES):
        return True
    if now - seen >= SEEN_EVERY:
        request.session[SEEN_AT] = now.isoformat()
        chosen.still_there(request, now)
    return False


def _turned_away(request: HttpRequest, user: User) -> HttpResponse | None:
    """Return where to send the person instead, or None when they may see the page."""
    page = _page(request)
    if page in ALWAYS_OPEN:
        return None
    if not second_factor.is_verified(request):
        return _without_second_factor(request, user, page)
    if user.temporary_password_until and page != CHANGE_PASSWORD:
        return redirect(CHANGE_PASSWORD)
    if page not in {NOTICES, CHANGE_PASSWORD} and notices.is_waiting(request, user):
        return redirect(NOTICES)
    if page not in {NOTICES, CHOOSE_STORE, CHANGE_PASSWORD} and chosen.must_choose(request):
        return redirect(reverse(CHOOSE_STORE, query=_back_here(request)))
    return None


def _without_second_factor(
    request: HttpRequest, user: User, page: str | None
) -> HttpResponse | None:
    if page == SET_UP:
        return None
    if second_factor.has_one(user):
        # A password alone never opens a session for staff with a second factor, so this session is
        # not ours.
        logout(request)
        return redirect(settings.LOGIN_URL)
    return redirect(SET_UP)


def _back_here(request: HttpRequest) -> dict[str, str] | None:
    """Return the page to continue with after the question; a sent form is not sent again."""
    return {"next": request.get_full_path()} if request.method == "GET" else None


def _page(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return None
