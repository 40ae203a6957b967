"""Tell whether a session was opened with a second factor, and record that it was."""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from superfamilja.accounts.models import User


def is_verified(request: HttpRequest) -> bool:
    """Return whether this person signed in and showed their second factor in this very session."""
    return any(record["method"] == "mfa" for record in _records(request))


def has_one(user: User) -> bool:
    """Return whether this person has set up a second factor. Recovery codes alone do not count."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def shown_within(request: HttpRequest, seconds: int) -> bool:
    """Return whether the second factor was shown in this session within that time."""
    since = time.time() - seconds
    return any(r["method"] == "mfa" and r["at"] >= since for r in _records(request))


def mark_verified(request: HttpRequest, authenticator: Authenticator) -> None:
    """Record that the person has just shown their second factor: the session counts from now on."""
    request.session.cycle_key()
    record_authentication(
        request, authenticator.user, "mfa", id=authenticator.pk, type=authenticator.type
    )


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.user.is_authenticated:
        return []
    return list(get_authentication_records(request, request.user))
