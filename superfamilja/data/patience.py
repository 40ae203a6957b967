"""How long a web request waits for the database: all its statements together.

The server's own time-outs cannot help when nothing comes from the server any more. Only the time
spent waiting counts: drawing a scan or a PDF takes as long as it takes.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Requests that read or write a million rows (a month's figures and files).
LONG_SECONDS = 60.0

_waiting = threading.local()


class WebPatience:
    """Middleware, the outermost: sessions and sign-in wait no longer than views do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with patience(settings.WEB_DATABASE_SECONDS):
            return self.get_response(request)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within it this thread waits for the database that long in all."""
    before = seconds_left()
    _waiting.seconds = seconds
    try:
        yield
    finally:
        _waiting.seconds = before


def seconds_left() -> float | None:
    """What this thread may still wait; None: as long as it takes."""
    left: float | None = getattr(_waiting, "seconds", None)
    return left


def be_patient() -> bool:
    """Wait longer from here on, for this request. False: this is no request, nothing is bounded."""
    left = seconds_left()
    if left is None:
        return False
    _waiting.seconds = max(left, LONG_SECONDS)
    return True


@contextmanager
def counted() -> Iterator[None]:
    """The time that passes inside is spent on waiting for the database."""
    began = monotonic()
    try:
        yield
    finally:
        left = seconds_left()
        if left is not None:
            _waiting.seconds = max(left - (monotonic() - began), 0.0)
