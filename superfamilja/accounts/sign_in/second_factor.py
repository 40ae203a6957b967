"""Whether this session was opened with a second factor, and how it comes to be so."""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from superfamilja.accounts.models import User


def is_verified(request: HttpRequest) -> bool:
    """True when somebody is signed in here and this very session saw his second factor."""
    return any(record["method"] == "mfa" for record in _records(request))


def has_one(user: User) -> bool:
    """Whether this person has set up a second factor. Recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def shown_within(request: HttpRequest, seconds: int) -> bool:
    """Whether the second factor was shown in this session that short a time ago."""
    since = time.time() - seconds
    return any(r["method"] == "mfa" and r["at"] >= since for r in _records(request))


def mark_verified(request: HttpRequest, authenticator: Authenticator) -> None:
    """The person has just shown this second factor: from now on the session counts, anew."""
    request.session.cycle_key()
    record_authentication(
        request, authenticator.user, "mfa", id=authenticator.pk, type=authenticator.type
    )


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.user.is_authenticated:
        return []
    return list(get_authentication_records(request, request.user))
