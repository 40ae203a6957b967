"""Send callbacks to the portal, signed as the specification says, with a few retries."""

import json
import time
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread

from standardwebhooks import Webhook

TRIES = 8


class Callbacks:
    """The address and the key of callbacks; each one is sent from its own thread."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key

    def tell(self, said: dict[str, str], *, times: int = 1, after: float = 0) -> None:
        """Send the same message that many times, without waiting."""
        if self._url:
            Thread(target=self._tell, args=(said, times, after), daemon=True).start()

    def later(self, act: Callable[[], None], after: float, said: dict[str, str]) -> None:
        """Do it after that many seconds, and send the callback."""

        def run() -> None:
            time.sleep(after)
            act()
            self.tell_now(said)

        Thread(target=run, daemon=True).start()

    def tell_now(self, said: dict[str, str]) -> None:
        """Send the callback before going on."""
        if self._url:
            self._tell(said, 1, 0)

    def _tell(self, said: dict[str, str], times: int, after: float) -> None:
        time.sleep(after)
        message = f"msg_{uuid.uuid4().hex}"
        body = json.dumps(said)
        for _time in range(times):
            for again in range(TRIES):
                if self._sent(message, body):
                    break
                time.sleep(0.1 * 2**again)

    def _sent(self, message: str, body: str) -> bool:
        now = datetime.now(UTC)
        request = urllib.request.Request(  # noqa: S310 - our own portal's address
            self._url,
            data=body.encode(),
            headers={
                "Content-Type": "application/json",
                "webhook-id": message,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(self._key).sign(message, now, body),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=5):  # noqa: S310
                return True
        except OSError:
            return False
