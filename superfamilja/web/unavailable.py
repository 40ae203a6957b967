"""The answer while the database does not answer: 503, in both languages, with what was typed.

It asks nothing of the database itself: no session, no person, no language that is stored there.
"""

import re
import sys
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views import defaults

from superfamilja.embedded_postgres.programs import EmbeddedPostgresError

RETRY_AFTER = 5  # seconds
MACHINES = ("/callbacks/",)
# Never shown again, wherever it was typed: whoever looks over a shoulder would read it.
SECRET = re.compile(
    r"pass|pin|code|token|secret|otp|^again$|^contact_(old|new)$|^personal_number$", re.IGNORECASE
)
_NOT_TYPED = {"csrfmiddlewaretoken"}
_IDLE_TOO_LONG = "25P03"  # PostgreSQL ended a transaction in which nothing was asked for too long


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of whatever nobody caught, in views and in middleware alike."""
    if not is_unavailable(sys.exc_info()[1]):
        return defaults.server_error(request)
    return unavailable(request)


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the database was away, silent, too slow or held by others; not a fault of ours."""
    if isinstance(error, OperationalError | InterfaceError | EmbeddedPostgresError):
        return True
    if not isinstance(error, DatabaseError):  # TransactionManagementError comes after such a one
        return False
    if getattr(error.__cause__, "sqlstate", None) == _IDLE_TOO_LONG:
        return True
    return is_unavailable(error.__context__)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 for people or machines, with Retry-After, never cached."""
    response = _for_machines() if _is_a_machine(request) else _for_people(request)
    response["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response


def _is_a_machine(request: HttpRequest) -> bool:
    accepts = request.headers.get("Accept", "")
    wants_data = "application/json" in accepts and "text/html" not in accepts
    return wants_data or request.path.startswith(MACHINES)


def _for_machines() -> HttpResponse:
    return JsonResponse({"error": "database_unavailable", "retry_after": RETRY_AFTER}, status=503)


def _for_people(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {"address": request.get_full_path(), "sent": False}
    if request.method not in {"GET", "HEAD"}:
        context |= {"sent": True, **_typed(request)}
    return HttpResponse(render_to_string("503.html", context), status=503)


def _typed(request: HttpRequest) -> dict[str, Any]:
    """The fields of a form that was sent, to be sent again under the same key (R21).

    Nothing of one that did not come from a page of ours: a click would lend it our token.
    """
    try:
        if not _is_ours(request) or request.FILES:
            return {"files": bool(request.FILES)}
        fields = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name not in _NOT_TYPED
        ]
    except (RawPostDataException, UnreadablePostError, OSError):
        return {}
    kept = [(name, value) for name, value in fields if not SECRET.search(name)]
    return {
        "fields": kept,
        "again": True,
        "token": get_token(request),
        "secrets": len(kept) < len(fields),
    }


class _Forged(CsrfViewMiddleware):
    """Django's check, without its page: that one shows who is signed in, which is asked of the
    database."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(status=403)


def _is_ours(request: HttpRequest) -> bool:
    check = _Forged(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, _no_view, (), {}) is None


def _no_view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
