"""The pages of signing in that replace allauth's."""

from typing import Any, cast

from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.internal import flows as totp
from allauth.mfa.totp.views import ActivateTOTPView
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from superfamilja.accounts import demonstration, staff
from superfamilja.accounts.models import User
from superfamilja.accounts.sign_in import second_factor
from superfamilja.clock import portal_clock


@method_decorator(never_cache, name="dispatch")
class SecondStep(AuthenticateView):  # type: ignore[misc]
    """Signing in, second step: the code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return _with_code(super().get_context_data(**kwargs), self.stage.login.user)


@method_decorator(never_cache, name="dispatch")
class CodeAgain(ReauthenticateView):  # type: ignore[misc]
    """The code once more, before an act on the second factor."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return _with_code(super().get_context_data(**kwargs), cast(User, self.request.user))


@method_decorator([login_required, never_cache], name="dispatch")
class SetUpSecondFactor(ActivateTOTPView):  # type: ignore[misc]
    """Set up an authenticator: scan, type the first code; from then on the session counts."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if second_factor.has_one(request.user):  # type: ignore[arg-type]
            return redirect("mfa_view_recovery_codes")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        authenticator, _codes = totp.activate_totp(self.request, form)
        second_factor.mark_verified(self.request, authenticator)
        return redirect("mfa_view_recovery_codes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret = context["form"].secret
        context["secret"] = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
        return context


@method_decorator([login_required, never_cache], name="dispatch")
class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    """Show how many recovery codes are left; lead a person without any to making them."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        codes = Authenticator.objects.filter(
            user_id=request.user.pk, type=Authenticator.Type.RECOVERY_CODES
        )
        if not codes.exists():
            return redirect("mfa_generate_recovery_codes")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


@require_GET
def to_the_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect the admin's own sign-in page, because it knows no second factor.

    A person who asked for no page in particular begins on their own first page.
    """
    page = request.GET.get("next", "")
    asked_for = {"next": page} if page and page != reverse("admin:index") else None
    return redirect(reverse("account_login", query=asked_for))


@require_POST
@login_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this person, this one too."""
    staff.sign_out_everywhere(user=cast(User, request.user), at=portal_clock.now())
    logout(request)
    return redirect("account_login")


def _with_code(context: dict[str, Any], user: User) -> dict[str, Any]:
    """Add the code to the page in the demonstration; do nothing in production."""
    if settings.DEMONSTRATION:
        context["demonstration_code"] = demonstration.current_code(user.username)
    return context
