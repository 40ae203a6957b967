"""Check that messages reach people in production, and that every message file can be read."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.template import TemplateSyntaxError

from superfamilja.messages import templates, transports
from superfamilja.messages.smpp.options import LONG
from superfamilja.messages.transports import demonstration

_HINT = "docs/operations.md, SMS, says how to connect."


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


# What each way cannot do without.
_SMPP = ("SMPP_HOST", "SMPP_SYSTEM_ID", "SMPP_PASSWORD", "SMS_SENDER")
_KANNEL = ("KANNEL_URL", "KANNEL_USERNAME", "KANNEL_PASSWORD", "KANNEL_RECEIPTS_URL", "SMS_SENDER")
_NAME = 11  # letters of a sender's name that phones show


@register(Tags.security)
def the_way_of_messages_is_known(**_kwargs: Any) -> list[CheckMessage]:
    """The transport that was chosen has what it needs; one without is found at the start."""
    needed = {transports.SMPP: _SMPP, transports.KANNEL: _KANNEL}.get(settings.SMS_TRANSPORT, ())
    missing = [name for name in needed if not getattr(settings, name)]
    errors: list[CheckMessage] = [
        Error(f"{name} is missing: no SMS would leave.", hint=_HINT, id="outbox.E004")
        for name in missing
    ]
    sender = settings.SMS_SENDER
    if needed and not sender.lstrip("+").isdigit() and len(sender) > _NAME:
        errors.append(Error("SMS_SENDER is longer than 11 letters.", hint=_HINT, id="outbox.E005"))
    if settings.SMPP_LONG_AS not in LONG:
        errors.append(
            Error("SMPP_LONG_AS is neither udh nor payload.", hint=_HINT, id="outbox.E006")
        )
    if settings.SMPP_BINDS < 1 or settings.SMPP_WINDOW < 1 or settings.SMPP_ANSWER_SECONDS <= 0:
        errors.append(
            Error(
                "SMPP_BINDS, SMPP_WINDOW and SMPP_ANSWER_SECONDS are at least 1.",
                hint=_HINT,
                id="outbox.E007",
            )
        )
    return errors


@register(Tags.templates)
def every_message_can_be_read(**_kwargs: Any) -> list[CheckMessage]:
    """Find a file that cannot be read before a message needs it."""
    try:
        templates.every()
    except (ValueError, TemplateSyntaxError) as error:
        return [Error(f"A message file cannot be read: {error}", id="outbox.E003")]
    return []
