"""Remember browsers that signed in with a number: a signed cookie that holds digests only."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "known_numbers"
_LIVES = timedelta(days=400)
_AT_MOST = 5
_SALT = "superfamilja.customers.browsers"


def knows(request: HttpRequest, msisdn: str) -> bool:
    """Return whether this browser has signed in with that number before."""
    return _digest(msisdn) in _known(request)


def remember(request: HttpRequest, response: HttpResponse, msisdn: str) -> None:
    """Mark this browser as known for that number."""
    known = [_digest(msisdn), *(d for d in _known(request) if d != _digest(msisdn))][:_AT_MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps(known, salt=_SALT),
        max_age=_LIVES,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _known(request: HttpRequest) -> list[str]:
    try:
        known: list[str] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_LIVES
        )
    except signing.BadSignature:
        return []
    return known


def _digest(msisdn: str) -> str:
    return salted_hmac(_SALT, msisdn, algorithm="sha256").hexdigest()[:32]
