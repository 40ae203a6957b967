"""The charging system's own list of what it took from us, whole or not at all (R36).

    GET /orders?since=2026-11-30T14:05:00+00:00&limit=500[&after=CURSOR]
    200 {"orders": [{"reference", "msisdn", "package", "state": "done" | "pending" | "failed",
                     "code", "taken_at", "ordered_at"}], "next": CURSOR or null, "total": 731,
         "kept_since": optional}

Oldest first; `total` counts all since then, on every page; `kept_since`: older ones it never
had, or has forgotten. The last page says `next: null`. What is
cut off, repeats itself, or does not come to its own total is no list.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import urllib3
from django.conf import settings
from django.utils.dateparse import parse_datetime
from urllib3.exceptions import HTTPError

from klikon.provisioning.answers import Word
from superfamilja.values import phone

PAGE = 500
LARGEST_PAGE = 1_000_000  # bytes
MOST_PAGES = 2000
STATES = {str(word) for word in (Word.DONE, Word.PENDING, Word.FAILED)}
_pool = urllib3.PoolManager(maxsize=1, retries=False)


class ListBrokenError(RuntimeError):
    """The list is incomplete; the message says why. No part of it counts."""


@dataclass(frozen=True)
class TheirOrder:
    """An order as the charging system keeps it; `ordered_at` is the time that we sent, if kept."""

    reference: str
    msisdn: str
    package: str
    state: str
    code: str
    taken_at: datetime
    ordered_at: datetime | None


@dataclass(frozen=True)
class TheirOrders:
    """The whole list by reference, and the time from which it is complete (None when unknown)."""

    orders: dict[str, TheirOrder]
    kept_since: datetime | None


def orders_since(since: datetime) -> TheirOrders:
    """Return everything that it took since that moment. Raise ListBrokenError."""
    found: dict[str, TheirOrder] = {}
    total, kept_since = 0, None
    for page in _pages(since):
        kept_since = _moment(page.get("kept_since"))
        total = _whole(page.get("total"), "total")
        for row in _list(page.get("orders")):
            order = _order(row)
            if order.reference in found:
                raise ListBrokenError(f"{order.reference} stands in it twice")
            found[order.reference] = order
    if len(found) != total:
        raise ListBrokenError(f"it holds {len(found)} orders and says {total}")
    return TheirOrders(found, kept_since)


def _pages(since: datetime) -> Iterator[dict[str, Any]]:
    after, seen = "", set[str]()
    for _ in range(MOST_PAGES):
        page = _page(since, after)
        yield page
        if "next" not in page:
            raise ListBrokenError("a page does not say whether it is the last")
        if page["next"] is None:
            return
        after = str(page["next"])
        if after in seen or len(after) > 200:
            raise ListBrokenError("its pages go in a circle")
        seen.add(after)
    raise ListBrokenError(f"it has more than {MOST_PAGES} pages")


def _page(since: datetime, after: str) -> dict[str, Any]:
    fields = {"since": since.isoformat(), "limit": str(PAGE)}
    try:
        response = _pool.request(
            "GET",
            f"{settings.CHARGING_URL.rstrip('/')}/orders",
            fields={**fields, "after": after} if after else fields,
            headers={"Authorization": f"Bearer {settings.CHARGING_TOKEN}"},
            timeout=urllib3.Timeout(total=settings.CHARGING_TIMEOUT),
            redirect=False,
            preload_content=False,
        )
        try:
            content = response.read(LARGEST_PAGE + 1)
        finally:
            response.close()
    except HTTPError as error:
        raise ListBrokenError(f"no answer from there ({type(error).__name__})") from error
    return _read(response.status, content)


def _read(status: int, content: bytes) -> dict[str, Any]:
    if status != 200:
        raise ListBrokenError(f"the charging system answers {status}")
    if len(content) > LARGEST_PAGE:
        raise ListBrokenError("a page is too large")
    try:
        said = json.loads(content)
    except ValueError as error:
        raise ListBrokenError("a page is not JSON") from error
    if not isinstance(said, dict):
        raise ListBrokenError("a page is not an object")
    return said


def _list(rows: object) -> list[Any]:
    if not isinstance(rows, list) or len(rows) > PAGE:
        raise ListBrokenError("a page has no list of orders, or too long a one")
    return rows


def _order(row: Any) -> TheirOrder:
    if not isinstance(row, dict):
        raise ListBrokenError("an order is not an object")
    reference = _text(row, "reference", 40)
    if not reference or row.get("state") not in STATES:
        raise ListBrokenError(f"an order is without reference or state: {reference!r}")
    taken_at = _moment(row.get("taken_at"))
    if taken_at is None:
        raise ListBrokenError(f"{reference} does not say when it was taken")
    return TheirOrder(
        reference=reference,
        msisdn=_number(row, reference),
        package=_text(row, "package", 20),
        state=row["state"],
        code=_text(row, "code", 40),
        taken_at=taken_at,
        ordered_at=_moment(row.get("ordered_at")),
    )


def _number(row: dict[str, Any], reference: str) -> str:
    try:
        return phone.parse_msisdn(_text(row, "msisdn", 20))
    except ValueError as error:
        raise ListBrokenError(f"{reference} is for no mobile number") from error


def _text(row: dict[str, Any], name: str, longest: int) -> str:
    text = row.get(name) or ""
    if not isinstance(text, str) or len(text) > longest or not text.isprintable():
        raise ListBrokenError(f"an order's {name} cannot be read")
    return text


def _moment(text: object) -> datetime | None:
    try:
        moment = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _whole(number: object, name: str) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ListBrokenError(f"a page does not say its {name}")
    return number
