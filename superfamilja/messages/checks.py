"""Check that messages reach people in production, and that every message file can be read."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.template import TemplateSyntaxError

from superfamilja.messages import templates, transports
from superfamilja.messages.transports import demonstration


@register(Tags.security)
def messages_reach_people_in_production(**_kwargs: Any) -> list[CheckMessage]:
    """Require a transport and, in production, one that really sends."""
    try:
        send = transports.chosen()
    except ImportError as error:
        return [
            Error(
                f"SMS_TRANSPORT names no transport: {error}.",
                hint="Name the function that hands an SMS to your gateway (docs/operations.md).",
                id="outbox.E001",
            )
        ]
    if settings.MODE == "production" and send is demonstration.send:
        return [
            Error(
                "SMS_TRANSPORT is the demonstration's: nobody would get an SMS.",
                hint="Name the function that hands an SMS to your gateway (docs/operations.md).",
                id="outbox.E002",
            )
        ]
    return []


@register(Tags.templates)
def every_message_can_be_read(**_kwargs: Any) -> list[CheckMessage]:
    """Find a file that cannot be read before a message needs it."""
    try:
        templates.every()
    except (ValueError, TemplateSyntaxError) as error:
        return [Error(f"A message file cannot be read: {error}", id="outbox.E003")]
    return []
