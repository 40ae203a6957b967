"""Limit how long a web request waits for the database, for all its statements together.

The server's own time-outs cannot help when the server sends nothing any more. Only waiting counts:
drawing a scan or a PDF takes as long as it takes.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# For requests that read or write a million rows (a month's figures and files).
LONG_SECONDS = 60.0

_waiting = threading.local()


class WebPatience:
    """Outermost middleware, so that sessions and sign-in wait no longer than views do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with patience(settings.WEB_DATABASE_SECONDS):
            return self.get_response(request)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let this thread wait for the database for that long in all."""
    before = seconds_left()
    _waiting.seconds = seconds
    try:
        yield
    finally:
        _waiting.seconds = before


def seconds_left() -> float | None:
    """Return how long this thread may still wait; None without a limit."""
    left: float | None = getattr(_waiting, "seconds", None)
    return left


def be_patient() -> bool:
    """Let this request wait longer from here on. Return False outside of a request."""
    left = seconds_left()
    if left is None:
        return False
    _waiting.seconds = max(left, LONG_SECONDS)
    return True


@contextmanager
def counted() -> Iterator[None]:
    """Count the time inside as waiting for the database."""
    began = monotonic()
    try:
        yield
    finally:
        left = seconds_left()
        if left is not None:
            _waiting.seconds = max(left - (monotonic() - began), 0.0)
