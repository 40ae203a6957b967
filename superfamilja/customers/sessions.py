"""Keep a family's and a member of staff's sessions side by side in one browser, by two cookies.

Pages under /admin/, /desk/ and /staff/ use the staff's cookie; all others use the families'.
"""

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

STAFF = ("/admin/", "/desk/", "/staff/")
FAMILY_COOKIE = "family"


class TwoSessions(SessionMiddleware):
    """Django's own middleware, with another cookie name outside of the staff's pages."""

    def process_request(self, request: HttpRequest) -> None:
        if not _is_staffs(request):
            _rename(request.COOKIES, FAMILY_COOKIE, settings.SESSION_COOKIE_NAME)
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        ours = response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        if ours is not None:
            name = settings.SESSION_COOKIE_NAME if _is_staffs(request) else FAMILY_COOKIE
            response.cookies[name] = ours.value
            for attribute, value in ours.items():
                if value:
                    response.cookies[name][attribute] = value
        return response


def _is_staffs(request: HttpRequest) -> bool:
    return request.path_info.startswith(STAFF)


def _rename(cookies: dict[str, str], old: str, new: str) -> None:
    cookies.pop(new, None)
    if old in cookies:
        cookies[new] = cookies.pop(old)
