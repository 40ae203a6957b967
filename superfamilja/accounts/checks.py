"""System checks: what helps a demonstration cannot be on in production."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import Error as DatabaseError

from superfamilja.accounts import demonstration
from superfamilja.accounts.models import User


@register(Tags.security)
def codes_are_secret_in_production(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse pages and commands that show a code in production."""
    if settings.MODE == "production" and settings.DEMONSTRATION:
        return [
            Error(
                "DEMONSTRATION is on in production: the sign-in page would tell the codes.",
                hint="Leave settings.DEMONSTRATION to KLIKON_MODE.",
                id="accounts.E001",
            )
        ]
    return []


@register(Tags.security, Tags.database)
def no_demonstration_people_in_production(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Refuse accounts in production whose password is public."""
    if settings.MODE != "production" or not databases:
        return []
    try:
        people = User.objects.filter(username__in=demonstration.PEOPLE, is_active=True)
        found = sorted(
            user.username for user in people if user.check_password(demonstration.PASSWORD)
        )
    except DatabaseError:  # not migrated yet: there are no accounts
        return []
    if not found:
        return []
    return [
        Error(
            f"Demonstration accounts can sign in: {', '.join(found)}.",
            hint="This database was made by a demonstration: start with an empty one.",
            id="accounts.E002",
        )
    ]


@register(Tags.security)
def addresses_are_those_of_people(**_kwargs: Any) -> list[CheckMessage]:
    """Warn when proxies are not counted: every client would have the proxy's address."""
    if settings.SECURE_PROXY_SSL_HEADER and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return [
            checks.Warning(
                "BEHIND_TLS_PROXY is on and TRUSTED_PROXY_COUNT is 0: all clients share one limit.",
                hint="Say how many proxies of yours stand in front.",
                id="accounts.W003",
            )
        ]
    return []
