"""The token of a browser's forms goes out when it is new, and only then."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class SentOnce:
    """Middleware around Django's CsrfViewMiddleware, which sends the cookie with every form.

    A page asked for before a sign-in in another tab may be answered after it: the old token in that
    answer would take the place of the new one, and the next form sent would be turned away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        name = settings.CSRF_COOKIE_NAME
        sent = response.cookies.get(name)
        if sent is not None and sent.value == request.COOKIES.get(name):
            del response.cookies[name]
        return response
