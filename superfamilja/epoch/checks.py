"""Check that the mark outside of the database has a place in production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def a_restore_is_noticed_in_production(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse production without a mark outside: nobody would notice that the database went back."""
    if settings.MODE == "production" and settings.EPOCH_FILE is None:
        return [
            Error(
                "EPOCH_FILE is unset: a restored database would sell again what it sold before.",
                hint="Name a file outside of the database and of its backup: docs/operations.md.",
                id="epoch.E001",
            )
        ]
    return []
