"""What the charging system tells by itself: before its answer, twice, late, or against it.

POST /callbacks/charging/
{"reference", "msisdn", "package", "state": "done" | "failed" | "pending", "code"}
signed as in superfamilja/machine/signatures.py; 204 taken over, also when we do not know the
reference (klikon/provisioning/line/unknown.py keeps it); 400, 401; 429 with Retry-After: later.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from klikon.provisioning.answers import Statement
from klikon.provisioning.line import unknown, verdict
from klikon.provisioning.models import EventKind, Order
from superfamilja.clock import portal_clock
from superfamilja.data.database import constraint_of
from superfamilja.machine.signatures import NotSigned, require_signature

LARGEST = 10_000  # bytes
LONGEST_ID = 100


@csrf_exempt
@require_POST
def charging_callback(request: HttpRequest) -> HttpResponse:
    """Accept a signed callback; a repetition changes nothing."""
    if len(request.body) > LARGEST:
        return HttpResponse(status=400)
    try:
        message_id = require_signature(
            settings.CHARGING_CALLBACK_KEYS, request.headers, request.body
        )
    except NotSigned:
        return HttpResponse(status=401)
    said = _read(request.body)
    if said is None:
        return HttpResponse(status=400)
    try:
        take(Statement.of(said), message_id=_kept_id(message_id), at=portal_clock.now())
    except unknown.TooMany:
        wait = str(int(unknown.COME_AGAIN.total_seconds()))
        return HttpResponse(status=429, headers={"Retry-After": wait})
    return HttpResponse(status=204)


def take(said: Statement, *, message_id: str, at: datetime) -> None:
    """Apply a callback that says something final; keep one whose order is unknown.

    Raises unknown.TooMany.
    """
    try:
        with transaction.atomic():
            order = Order.objects.select_for_update().filter(activation_id=said.reference).first()
            if order is None:
                unknown.keep(said, message_id=message_id, at=at)
            else:
                _take_over(order, said, message_id, at)
    except IntegrityError as error:
        if constraint_of(error) != "order_event_callback_once":
            raise


def _take_over(order: Order, said: Statement, message_id: str, at: datetime) -> None:
    answer = said.answer()
    if answer.word in verdict.OUTCOMES or verdict.mismatch_of(order, answer):
        verdict.apply(order, answer, at=at, kind=EventKind.CALLBACK, message_id=message_id)


def _kept_id(message_id: str) -> str:
    """Return the id as it is stored; a longer one as its hash, so that two of them stay two."""
    if len(message_id) <= LONGEST_ID:
        return message_id
    return hashlib.sha256(message_id.encode()).hexdigest()


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
