"""Where the CRM tells its events between two files.

POST /callbacks/crm/
{"event": "sim_swap" | "port_out" | "reassigned", "msisdn", "happened_at"}
{"event": "suspended" | "reactivated", "contract", "happened_at"}
signed as in superfamilja/machine/signatures.py; the id of the message is the event's key.
204 taken over, also when told before and when we do not know whom it is about; 400 with what to
send; 401; 409 the key was another event's; 429 with Retry-After: later.
"""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from klikon.crm.events import KeyOfAnother, NotUnderstood, ToldEvent, TooManyUnknown, take_event
from superfamilja.clock import portal_clock
from superfamilja.machine.signatures import NotSigned, require_signature

LARGEST = 10_000  # bytes
LONGEST_KEY = 100
COME_AGAIN = "3600"  # seconds


@csrf_exempt
@require_POST
def crm_callback(request: HttpRequest) -> HttpResponse:
    """Believed when it is signed; repeated, it changes nothing."""
    if len(request.body) > LARGEST:
        return _answer(400, "the body is too large")
    try:
        key = require_signature(settings.CRM_EVENT_KEYS, request.headers, request.body)
    except NotSigned:
        return HttpResponse(status=401)
    at = portal_clock.now()
    try:
        take_event(ToldEvent.of(_read(request.body), at), key=_kept_key(key), at=at)
    except NotUnderstood as what:
        return _answer(400, str(what))
    except KeyOfAnother:
        return _answer(409, "this id was another event's: give each event an id of its own")
    except TooManyUnknown:
        return HttpResponse(status=429, headers={"Retry-After": COME_AGAIN})
    return HttpResponse(status=204)


def _answer(status: int, what: str) -> JsonResponse:
    return JsonResponse({"error": what}, status=status)


def _kept_key(key: str) -> str:
    """A key that is too long to keep is kept by its hash, so that two of them stay two."""
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise NotUnderstood("the body: one JSON object")
    return said
