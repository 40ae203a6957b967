"""What a machine signed: standardwebhooks, HMAC over id.timestamp.body, five minutes either way."""

from collections.abc import Mapping, Sequence

from standardwebhooks import Webhook, WebhookVerificationError


class NotSigned(Exception):  # noqa: N818 - an answer: nothing in it is believed
    """No live key signed this, or it is too old, or it is no text."""


def require_signature(keys: Sequence[str], headers: Mapping[str, str], body: bytes) -> str:
    """The message's id, once any of the live keys fits. Raises NotSigned."""
    for key in keys:
        try:
            Webhook(key).verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError):
            continue
        return {name.lower(): value for name, value in headers.items()}["webhook-id"]
    raise NotSigned
