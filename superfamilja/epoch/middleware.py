"""While the database stands still, let people read pages and refuse everything that writes."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from superfamilja.epoch import standing
from superfamilja.epoch.refusals import Halted

_READS = {"GET", "HEAD", "OPTIONS"}
# Open all the same: sign-in and sign-out, the choice of language, and the pages that end the halt.
OPEN = {
    "account_login",
    "account_logout",
    "mfa_authenticate",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "staff_set_up_second_factor",
    "account_change_password",
    "admin:logout",
    "staff_choose_store",
    "staff_sign_out_everywhere",
    "staff_account_notices",
    "family_sign_out",
    "set_language",
    "propose_ending",
    "confirm_endings",
    "propose_end_of_halt",
    "end_halt",
}
RETRY_AFTER = "300"
# Secrets must be typed again.
_NEVER_KEPT = {
    "csrfmiddlewaretoken",
    "pin",
    "again",
    "code",
    "customer_code",
    "contact_old",
    "contact_new",
    "password",
    "personal_number",
}


class ReadOnlyAfterARestore:
    """Middleware: answer a request that would write with 503 and a page that says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, *_view: object, **_more: object
    ) -> HttpResponse | None:
        """Run after the CSRF check, because the page puts what was typed back into a form."""
        if request.method in _READS or not standing.why_halted():
            return None
        match = request.resolver_match
        return None if match and match.view_name in OPEN else halted_page(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer when the database itself refused: another process noticed the restore first."""
        if isinstance(error, Halted) or standing.said_by_the_database(error):
            return halted_page(request)
        return None


def halted_page(request: HttpRequest) -> HttpResponse:
    """Return the page with what is happening, what to do, and what was typed, to be sent again."""
    typed = [
        (name, value)
        for name in request.POST
        if name not in _NEVER_KEPT
        for value in request.POST.getlist(name)
    ]
    is_staff = getattr(request.user, "is_staff", False)
    context = {
        "typed": typed,
        "base": "look/page.html" if is_staff else "portal/page.html",
        "first_page": reverse("admin:index" if is_staff else "start"),
    }
    response = render(request, "503_halted.html", context, status=503)
    response["Retry-After"] = RETRY_AFTER
    return response
