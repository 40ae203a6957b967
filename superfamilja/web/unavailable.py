"""Answer 503 in both languages while the database is unavailable, and keep what was typed.

The answer itself uses no database: no session, no signed-in person, no stored language.
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
# Never shown again, in any form, because somebody else may be looking at the screen.
SECRET = re.compile(
    r"pass|pin|code|token|secret|otp|^again$|^contact_(old|new)$|^personal_number$", re.IGNORECASE
)
_NOT_TYPED = {"csrfmiddlewaretoken"}
_IDLE_TOO_LONG = "25P03"  # PostgreSQL ended a transaction that was idle for too long


def server_error(request: HttpRequest) -> HttpResponse:
    """Handle every exception that no view or middleware caught (Django's handler500)."""
    if not is_unavailable(sys.exc_info()[1]):
        return defaults.server_error(request)
    return unavailable(request)


def is_unavailable(error: BaseException | None) -> bool:
    """Return whether the database was away, silent, too slow or locked, which is no bug of ours."""
    if isinstance(error, OperationalError | InterfaceError | EmbeddedPostgresError):
        return True
    if not isinstance(error, DatabaseError):  # a TransactionManagementError follows such an error
        return False
    if getattr(error.__cause__, "sqlstate", None) == _IDLE_TOO_LONG:
        return True
    return is_unavailable(error.__context__)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return 503 for people or machines, with Retry-After, never cached."""
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
    """Return the fields of the form, so that it can be sent again under the same key (R21).

    Return none when the form did not come from a page of ours: a second click would add our CSRF
    token to a forged request.
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


class _TokenCheck(CsrfViewMiddleware):
    """Check CSRF as Django does, without its failure page, which asks the database for the user."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(status=403)


def _is_ours(request: HttpRequest) -> bool:
    check = _TokenCheck(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, _no_view, (), {}) is None


def _no_view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
