"""Send the CSRF cookie only when it is new."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class SentOnce:
    """Middleware around Django's CsrfViewMiddleware, which sends the cookie with every form.

    A page requested before a sign-in in another tab may be answered after it. The old token of that
    answer would replace the new one, and the next form would be refused.
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
