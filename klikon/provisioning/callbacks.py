"""What the charging system tells by itself: before its answer, twice, late, or against it.

POST /callbacks/charging/  {"reference", "state": "done" | "failed" | "pending", "code"}
signed as in superfamilja/machine/signatures.py; 204 taken over, 400, 401, 404.
"""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from klikon.provisioning import answers, verdict
from klikon.provisioning.answers import Answer, Word
from klikon.provisioning.models import EventKind, Order
from superfamilja.database import constraint_of
from superfamilja.machine.signatures import NotSigned, require_signature

LARGEST = 10_000  # bytes
COUNTED = {Word.DONE, Word.FAILED}


@csrf_exempt
@require_POST
def charging_callback(request: HttpRequest) -> HttpResponse:
    """Believed when it is signed; repeated, it changes nothing."""
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
    answer = answers.read(said.get("state"), said.get("code"))
    try:
        take(str(said.get("reference")), answer, message_id=message_id, at=timezone.now())
    except Order.DoesNotExist:
        return HttpResponse(status=404)
    return HttpResponse(status=204)


def take(reference: str, answer: Answer, *, message_id: str, at: datetime) -> None:
    """Take a callback over, unless it says nothing final. Raises Order.DoesNotExist."""
    try:
        with transaction.atomic():
            order = Order.objects.select_for_update().get(activation_id=reference)
            if answer.word in COUNTED:
                verdict.apply(
                    order, answer, at=at, kind=EventKind.CALLBACK, message_id=message_id[:100]
                )
    except IntegrityError as error:
        if constraint_of(error) != "order_event_callback_once":
            raise


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
