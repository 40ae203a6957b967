"""Lock out guessers: quickly per name and address, slowly per name.

The quick one stops a guesser without touching the owner, who comes from elsewhere. Only the
slow one, for guessers with many addresses, can keep an owner out, and only while it lasts.
What was typed is stored sealed: people type passwords into the field for names.

The times here are those of the machine's clock and not of the portal's, because axes stamps its
rows with it (R37).
"""

from datetime import timedelta
from math import ceil
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

FORGET_FAILURES_AFTER = timedelta(days=1)


class TwoSpeedHandler(AxesDatabaseHandler):  # type: ignore[misc]
    """Combine axes' own quick lock with a slow one that is counted from its log of failures."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        quickly = bool(super().is_locked(request, credentials))
        return quickly or self._slowly_locked(request, credentials)

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        super().user_login_failed(sender, credentials, request, **kwargs)
        AccessFailureLog.objects.filter(
            attempt_time__lt=timezone.now() - FORGET_FAILURES_AFTER
        ).delete()

    def _slowly_locked(self, request: HttpRequest, credentials: dict[str, Any] | None) -> bool:
        failures = AccessFailureLog.objects.filter(
            username=sealed_username(request, credentials),
            attempt_time__gt=timezone.now() - settings.SLOW_LOCK_WINDOW,
        )
        return bool(failures.count() >= settings.SLOW_LOCK_FAILURES)


def is_locked_out(request: HttpRequest, username: str) -> bool:
    """Return whether this name may not try from this address now."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def page(
    request: HttpRequest, _response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Answer a locked-out client; the page says for how long, whichever lock it is."""
    minutes = _minutes_left(request, credentials)
    context = {"minutes": minutes}
    answer = render(request, "account/locked_out.html", context, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer


def _minutes_left(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    """Return the whole minutes until the later lock opens, at least one."""
    name = sealed_username(request, credentials)
    quick = AccessAttempt.objects.filter(
        username=name,
        ip_address=client_address(request),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
    ).values_list("attempt_time", flat=True)
    slow = AccessFailureLog.objects.filter(username=name).order_by("-attempt_time")
    decisive = slow.values_list("attempt_time", flat=True)[settings.SLOW_LOCK_FAILURES - 1 :]
    opens = [
        *(at + settings.AXES_COOLOFF_TIME for at in quick),
        *(at + settings.SLOW_LOCK_WINDOW for at in decisive[:1]),
    ]
    left = max(opens, default=timezone.now()) - timezone.now()
    return max(ceil(left / timedelta(minutes=1)), 1)


def count_wrong_code(request: HttpRequest, username: str) -> None:
    """Count a wrong code like a wrong password."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def sealed_username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the name as the locks store it: recognisable, not readable."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    return salted_hmac(
        "superfamilja.accounts.sign_in.lockout", typed.strip().casefold()
    ).hexdigest()


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address, seen past our own proxies (TRUSTED_PROXY_COUNT)."""
    address = get_client_ip(request)
    return str(address) if address else None


def nobody_in_particular(*_whom: Any) -> str:
    """Return an empty description of a client for logs, which hold no personal data."""
    return "a client"
