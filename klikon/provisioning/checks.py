"""Check that in production packages come from a real charging system."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

_HINT = "See docs/operations.md, “The charging system”."
_HERE = {"", "localhost", "127.0.0.1", "::1"}


@register(Tags.security)
def packages_reach_people_in_production(**_kwargs: Any) -> list[CheckMessage]:
    """Require a real address over TLS, with a token and keys of its own."""
    if settings.MODE != "production":
        return []
    url = urlsplit(settings.CHARGING_URL)
    wrong = [
        ((url.hostname or "") in _HERE, "E001", "CHARGING_URL names no charging system."),
        (url.scheme != "https", "E002", "CHARGING_URL is not https."),
        (
            settings.CHARGING_TOKEN in {"", "demonstration"},
            "E003",
            "CHARGING_TOKEN is missing, or the demonstration's.",
        ),
        (
            not settings.CHARGING_CALLBACK_KEYS
            or settings.CHARGING_DEMONSTRATION_KEY in settings.CHARGING_CALLBACK_KEYS,
            "E004",
            "CHARGING_CALLBACK_KEYS is missing, or the demonstration's.",
        ),
    ]
    return [
        Error(sentence, hint=_HINT, id=f"provisioning.{code}")
        for bad, code, sentence in wrong
        if bad
    ]


@register()
def an_attempt_ends_before_its_lease(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a lease shorter than an attempt, because every slow answer would come too late."""
    if settings.CHARGING_TIMEOUT < settings.PROVISIONING_LEASE:
        return []
    return [
        Error(
            "CHARGING_TIMEOUT is not shorter than PROVISIONING_LEASE.",
            hint="An attempt has to end before it is given up for dead.",
            id="provisioning.E005",
        )
    ]
