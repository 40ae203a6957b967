"""Check that in production only the carrier says who calls."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def only_the_carrier_says_who_calls(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse other sources in production, because a caller activates on somebody's bill."""
    if settings.MODE != "production" or not settings.IVR_SIP_BELIEVES_PHONES_HERE:
        return []
    return [
        Error(
            "In production 130 would believe any phone on this machine.",
            hint="Leave settings.IVR_SIP_BELIEVES_PHONES_HERE to KLIKON_MODE.",
            id="ivr.E001",
        )
    ]
