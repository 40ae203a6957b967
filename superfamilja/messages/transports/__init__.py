"""How an SMS leaves the house: one function a transport, chosen by the setting SMS_TRANSPORT.

A transport answers within twenty seconds. `message_id`, at most 36 characters, is the key on the
other side: a message whose outcome was lost comes again under the same one, with the same text, and
no other message ever has it.
"""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

# send(message_id, to, text): `to` is E.164. Returns when the other side has taken it over.
Send = Callable[[str, str, str], None]


class TransportError(Exception):
    """Not taken over. `code` says why in a word or two, without a number or the text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TemporaryError(TransportError):
    """It may work later: no connection, too many at once, no answer."""


class PermanentError(TransportError):
    """It never will: the other side does not know the number or refuses the message."""


def chosen() -> Send:
    """The transport that the settings name. Raises ImportError."""
    send: Send = import_string(settings.SMS_TRANSPORT)
    return send
