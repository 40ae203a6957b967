"""Send an SMS: one function a transport, chosen by the setting SMS_TRANSPORT.

A transport answers within twenty seconds. `message_id`, at most 36 characters, is the key on the
other side: a message whose outcome was lost comes again under the same one, with the same text, and
no other message ever has it. A transport that cannot tell the other side so is a SendPart: what
leaves by it is written down before, and its receipts name the part.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, runtime_checkable

from django.conf import settings
from django.utils.module_loading import import_string

SMPP = "superfamilja.messages.transports.smpp.send"
KANNEL = "superfamilja.messages.transports.kannel.send"
# send(message_id, to, text): `to` is E.164. Returns when the other side has taken it over.
Send = Callable[[str, str, str], None]


@runtime_checkable
class SendPart(Protocol):
    """A transport whose other side does not know our ids, and reports each delivery."""

    @property
    def way(self) -> str:
        """Its name in the ledger."""

    def __call__(self, message_id: str, to: str, text: str) -> None: ...

    def send_part(
        self, part_pk: int, to: str, text: str, expires_at: datetime | None, at: datetime
    ) -> None:
        """Return when the other side has taken it over. Raises TransportError, NoAnswerError."""


class TransportError(Exception):
    """The message was not accepted.

    `code` says why in a word or two, without a number or the text.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TemporaryError(TransportError):
    """A later attempt may succeed: no connection, too many at once, no answer."""


class PermanentError(TransportError):
    """No attempt can succeed: the other side does not know the number or refuses the message."""


class NoAnswerError(TransportError):
    """It may have been taken over: the other side was silent after it had the message."""


def is_apart() -> bool:
    """Return whether a process of its own passes messages on (`manage.py sms_gateway`)."""
    return bool(settings.SMS_TRANSPORT == SMPP)


def chosen() -> Send:
    """Return the transport that the settings name. Raise ImportError."""
    send: Send = import_string(settings.SMS_TRANSPORT)
    return send
