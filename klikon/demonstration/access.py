"""Open the demonstration's pages to everybody in a demonstration, and to nobody elsewhere."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]


def in_a_demonstration(view: View) -> View:
    """Answer 404 in production, whatever the address."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMONSTRATION or settings.MODE == "production":
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(guarded)
