"""HTTP, as Kannel's sendsms speaks it; receipts come to `kannel_receipts` (ADR 0029).

Number, text and password travel in headers and body, never in an address: addresses are logged.
"""

from datetime import datetime
from urllib.parse import quote

import urllib3
from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse

from superfamilja.messages import alphabet
from superfamilja.messages.transports import NoAnswerError, PermanentError, TemporaryError

_CONNECT, _READ = 5.0, 10.0  # seconds
_EVERY_RECEIPT = "31"
_TAKEN = {200, 202}
_NEVER = {400: "refused"}  # what Kannel says of a message that it cannot read
_GSM, _UCS2 = "0", "2"
SIGNER_SALT = "sms-receipt"

_pool = urllib3.PoolManager(maxsize=4, retries=False)


class KannelSender:
    """Hands a message to a Kannel, whole: it makes the parts itself."""

    way = "kannel"

    def __call__(self, message_id: str, to: str, text: str) -> None:
        """Never called: what leaves by this way is written down before."""
        raise AssertionError("a message leaves by send_part")

    def send_part(
        self, part_pk: int, to: str, text: str, expires_at: datetime | None, at: datetime
    ) -> None:
        """Hand it over. Raises TemporaryError, PermanentError, NoAnswerError."""
        headers = {
            "X-Kannel-Username": settings.KANNEL_USERNAME,
            "X-Kannel-Password": settings.KANNEL_PASSWORD,
            "X-Kannel-From": settings.SMS_SENDER,
            "X-Kannel-To": to,
            "X-Kannel-Coding": _GSM if alphabet.is_gsm(text) else _UCS2,
            "X-Kannel-DLR-Mask": _EVERY_RECEIPT,
            "X-Kannel-DLR-Url": receipts_url(part_pk),
            "Content-Type": "text/plain; charset=UTF-8",
        }
        if expires_at is not None:
            minutes = max(1, int((expires_at - at).total_seconds() // 60))
            headers["X-Kannel-Validity"] = str(minutes)
        _judge(_post(headers, text.encode()))


def _post(headers: dict[str, str], body: bytes) -> int:
    timeout = urllib3.Timeout(connect=_CONNECT, read=_READ)
    try:
        answer = _pool.request(
            "POST", settings.KANNEL_URL, body=body, headers=headers, timeout=timeout
        )
    except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
        raise TemporaryError("no connection") from None
    except urllib3.exceptions.HTTPError:
        raise NoAnswerError("no answer") from None
    return answer.status


def _judge(status: int) -> None:
    if status in _TAKEN:
        return
    if status in _NEVER:
        raise PermanentError(_NEVER[status])
    raise TemporaryError(f"HTTP {status}")


def receipts_url(part_pk: int) -> str:
    """Where Kannel reports of this part: signed, so that nobody else reports of it."""
    token = Signer(salt=SIGNER_SALT).sign(str(part_pk))
    path = reverse("sms_receipt", args=[token])
    return f"{settings.KANNEL_RECEIPTS_URL.rstrip('/')}{quote(path)}?type=%d&id=%F"


send = KannelSender()
