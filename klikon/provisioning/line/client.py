"""The charging system over HTTP: order a package, ask what became of it.

Our reference is the key on the other side: however often it comes, it is one package. Called
outside of any transaction; answers within CHARGING_TIMEOUT, or is silence. Never raises.

    PUT /orders/REFERENCE  {"msisdn", "package", "validity_days", "ordered_at"}
    GET /orders/REFERENCE
    200 {"reference", "msisdn", "package", "state": "done" | "pending" | "failed", "code"};
    202 pending; 422 failed, both with the same content;
    404 {"code": "unknown_reference"}; 429 and 503 with Retry-After: not taken, later.

Every answer about an order repeats for which reference, number and package it is (R36). It counts
only if these are what was ordered: a reference that was used before is answered with what it stood
for then. A system that does not repeat them yet settles nothing: its orders are for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import urllib3
from django.conf import settings
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from klikon.provisioning.answers import Answer, Statement, Word

LONGEST_WAIT = timedelta(hours=1)
_LATER = {429, 503}
# Our own mistakes, and no reason to take a package away: a wrong token, a wrong address.
_OUR_FAULT = range(400, 500)
_pool = urllib3.PoolManager(maxsize=16, retries=False)


@dataclass(frozen=True)
class OrderedPackage:
    """A package to order: for which number (E.164), which code, for how many days."""

    reference: str
    msisdn: str
    package: str
    validity_days: int
    ordered_at: str

    def as_json(self) -> dict[str, str | int]:
        """Return the body of an order, field by field: the charging system reads these names."""
        return {
            "reference": self.reference,
            "msisdn": self.msisdn,
            "package": self.package,
            "validity_days": self.validity_days,
            "ordered_at": self.ordered_at,
        }


def send(package: OrderedPackage) -> Answer:
    """Order it; return its state. A repetition changes nothing there."""
    return _talk("PUT", package.reference, package.as_json())


def ask(reference: str) -> Answer:
    """Ask about the order. NEVER_HEARD means that it did not arrive, or was forgotten."""
    return replace(_talk("GET", reference), asked=True)


def _talk(method: str, reference: str, body: Mapping[str, Any] | None = None) -> Answer:
    try:
        response = _pool.request(
            method,
            f"{settings.CHARGING_URL.rstrip('/')}/orders/{reference}",
            json=body,
            headers={
                "Authorization": f"Bearer {settings.CHARGING_TOKEN}",
                "Idempotency-Key": reference,
            },
            timeout=urllib3.Timeout(total=settings.CHARGING_TIMEOUT),
            redirect=False,
        )
    except (NewConnectionError, ConnectTimeoutError, SSLError):
        return Answer(Word.TRY_LATER, "no_connection")
    except HTTPError as error:
        return Answer(Word.SILENCE, type(error).__name__)
    return _read(method, response)


def _read(method: str, response: urllib3.BaseHTTPResponse) -> Answer:
    status, said = response.status, _json(response)
    if status in {200, 202, 422} and "state" in said:
        return Statement.of(said).answer()
    if method == "GET" and status == 404 and said.get("code") == "unknown_reference":
        return Answer(Word.NEVER_HEARD)
    if status in _LATER:
        return Answer(Word.TRY_LATER, f"http_{status}", _retry_after(response))
    if status in _OUR_FAULT:
        return Answer(Word.TRY_LATER, f"http_{status}")
    return Answer(Word.SILENCE, f"http_{status}")


def _json(response: urllib3.BaseHTTPResponse) -> dict[str, Any]:
    try:
        said = response.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _retry_after(response: urllib3.BaseHTTPResponse) -> timedelta | None:
    text = response.headers.get("Retry-After", "")
    if not (text.isdecimal() and len(text) < 9):
        return None
    return min(timedelta(seconds=int(text)), LONGEST_WAIT)
