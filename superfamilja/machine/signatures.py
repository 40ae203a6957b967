"""Check what a machine signed: standardwebhooks, HMAC over id.timestamp.body, ± five minutes."""

from collections.abc import Mapping, Sequence

from standardwebhooks import Webhook, WebhookVerificationError


class NotSigned(Exception):  # noqa: N818 - an answer: nothing in it is believed
    """No live key signed this, or it is too old, or it is not text."""


def require_signature(keys: Sequence[str], headers: Mapping[str, str], body: bytes) -> str:
    """Return the message's id when one of the live keys fits. Raise NotSigned."""
    for key in keys:
        try:
            Webhook(key).verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError):
            continue
        return {name.lower(): value for name, value in headers.items()}["webhook-id"]
    raise NotSigned
