"""Send an SMS: one function a transport, chosen by the setting SMS_TRANSPORT.

A transport answers within twenty seconds. `message_id`, at most 36 characters, is the key on the
other side. A message whose outcome was lost is sent again under the same id with the same text, and
no other message ever has that id.
"""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

# send(message_id, to, text): `to` is E.164. It returns when the other side has accepted the
# message.
Send = Callable[[str, str, str], None]


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


def chosen() -> Send:
    """Return the transport that the settings name. Raise ImportError."""
    send: Send = import_string(settings.SMS_TRANSPORT)
    return send
