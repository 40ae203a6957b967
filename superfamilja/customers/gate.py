"""Tell which family is signed in (`request.account`), checked anew at each request."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from superfamilja.clock import portal_clock
from superfamilja.customers import people
from superfamilja.customers.models import Account
from superfamilja.customers.people import OnFile

ACCOUNT, SIGN_OUTS, SIGNED_IN_AT, SEEN_AT = "account", "sign_outs", "signed_in_at", "seen_at"
REMEMBERED, PAYER_OF, ENDED = "remembered", "payer_of", "ended"
PROVED_BY = "proved_by"  # the id of the code that was typed last
# the number whose session ended, and the form it was sending at that moment
WAS, LOST = "was", "lost"
_NEVER_KEPT = {
    "csrfmiddlewaretoken",
    "step",
    "key",
    "pin",
    "again",
    "code",
    "customer_code",
    "contact_old",
    "contact_new",
    "answer",
    "repeat_confirmed",
    "fresh_code",
}
SEEN_EVERY = timedelta(seconds=30)
REMEMBERED_FOR = timedelta(days=30)


class FamilyRequest(HttpRequest):
    """A request of a signed-in family."""

    account: Account
    on_file: OnFile


def begin(
    request: HttpRequest, account: Account, on_file: OnFile, remembered: bool, code: int
) -> None:
    """Start a new session; nothing of the one before survives. `code` opened it."""
    lost = request.session.get(LOST)
    request.session.flush()
    now = portal_clock.now().isoformat()
    if lost and lost["account"] == account.pk:
        request.session[LOST] = lost
    request.session.update(
        {
            ACCOUNT: account.pk,
            SIGN_OUTS: account.sign_outs,
            SIGNED_IN_AT: now,
            SEEN_AT: now,
            REMEMBERED: remembered,
            PAYER_OF: sorted(on_file.payer_of),
            PROVED_BY: code,
        }
    )
    # 0 ends the cookie when the browser closes; this module checks the idle limit in both cases.
    request.session.set_expiry(REMEMBERED_FOR if remembered else 0)


def begin_anew(request: HttpRequest, msisdn: str, code: int) -> Account:
    """Switch this browser to another number, which a code has just proved."""
    account, _made = Account.objects.get_or_create(
        msisdn=msisdn, defaults={"made_at": portal_clock.now()}
    )
    request.session.cycle_key()  # a copied cookie stays with the number before
    request.session.update(
        {
            ACCOUNT: account.pk,
            SIGN_OUTS: account.sign_outs,
            PAYER_OF: sorted(people.on_file(msisdn).payer_of),
            PROVED_BY: code,
        }
    )
    return account


def proved_by(request: HttpRequest) -> int:
    """Return the id of the code that this session typed last; 0 when there is none."""
    return int(request.session.get(PROVED_BY, 0))


def prove(request: HttpRequest, code: int) -> None:
    """Record that another code was typed in this session just now."""
    request.session[PROVED_BY] = code


def signed_in(request: HttpRequest, now: datetime) -> tuple[Account, OnFile] | None:
    """Return the account and what is known of its number at this moment.

    Return None and end the session when it is signed out everywhere, too old, or the number's role
    changed.
    """
    session = request.session
    if ACCOUNT not in session:
        return None
    account = Account.objects.filter(pk=session[ACCOUNT]).first()
    on_file = people.on_file(account.msisdn) if account else None
    if (
        account is None
        or on_file is None
        or session[SIGN_OUTS] != account.sign_outs
        or _is_too_old(request, now)
        or not _is_still_who_it_was(session[PAYER_OF], on_file)
    ):
        was = session[ACCOUNT]
        session.flush()
        session[ENDED], session[WAS] = True, was
        return None
    if now - datetime.fromisoformat(session[SEEN_AT]) >= SEEN_EVERY:
        session[SEEN_AT] = now.isoformat()
    return account, on_file


def _is_too_old(request: HttpRequest, now: datetime) -> bool:
    session = request.session
    if session[REMEMBERED]:
        return now - datetime.fromisoformat(session[SIGNED_IN_AT]) >= REMEMBERED_FOR
    idle = timedelta(minutes=settings.FAMILY_IDLE_MINUTES)
    return now - datetime.fromisoformat(session[SEEN_AT]) >= idle


def _is_still_who_it_was(payer_of: list[int], on_file: OnFile) -> bool:
    """Return whether the number still stands for the same person.

    A changed contact number ends its sessions. So does one that two owners gave. A number that pays
    another contract by now must prove it by a code.
    """
    return on_file.is_known and not on_file.is_shared and set(payer_of) == on_file.payer_of


def _keep_what_was_typed(request: HttpRequest) -> None:
    """Keep the form for this number's next sign-in, without codes and PINs.

    No act was done with it.
    """
    fields = {name: request.POST[name] for name in request.POST if name not in _NEVER_KEPT}
    request.session[LOST] = {
        "path": request.path,
        "account": request.session[WAS],
        "fields": fields,
    }


def typed_before(request: HttpRequest) -> dict[str, str] | None:
    """Return what this number was sending to this address when its session ended; only once."""
    lost = request.session.pop(LOST, None)
    return lost["fields"] if lost and lost["path"] == request.path else None


def family_required(
    view: Callable[..., HttpResponse],
) -> Callable[..., HttpResponse]:
    """Let only signed-in numbers in; lead everybody else to the sign-in and back."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = signed_in(request, portal_clock.now())
        if found is None:
            request.session["next"] = request.path
            if request.method == "POST" and WAS in request.session:
                _keep_what_was_typed(request)
            return redirect("family_sign_in")
        family = cast(FamilyRequest, request)
        family.account, family.on_file = found
        return view(family, *args, **kwargs)

    guarded.family_required = True  # type: ignore[attr-defined]
    return guarded
