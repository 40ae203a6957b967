"""The pages of signing in that are ours rather than allauth's."""

from typing import Any

from allauth.mfa.totp.internal import flows as totp
from allauth.mfa.totp.views import ActivateTOTPView
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from superfamilja.accounts import second_factor, staff


@method_decorator([login_required, never_cache], name="dispatch")
class SetUpSecondFactor(ActivateTOTPView):  # type: ignore[misc]
    """Scan, type the first code, and the session counts."""

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


@require_POST
@login_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this person, this one too."""
    staff.sign_out_everywhere(user=request.user, at=timezone.now())
    logout(request)
    return redirect("account_login")
