"""Check that the demonstration's page cannot exist in production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import NoReverseMatch, reverse


@register(Tags.security)
def no_demonstration_in_production(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse the open page in production: it shows codes and switches the charging system."""
    if settings.MODE != "production" or not _is_there():
        return []
    return [
        Error(
            "The demonstration's addresses are included in production.",
            hint="Leave settings.DEMONSTRATION to KLIKON_MODE, and superfamilja/urls.py to it.",
            id="demonstration.E001",
        )
    ]


def _is_there() -> bool:
    try:
        reverse("demo")
    except NoReverseMatch:
        return False
    return True
