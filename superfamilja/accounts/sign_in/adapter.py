"""Configure allauth: no sign-up, no mail, sealed secrets, and when to ask for the code again."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.models import User
from superfamilja.accounts.sign_in import sealing, second_factor
from superfamilja.accounts.stores import chosen

PURPOSE = "second factor"
WRONG_NAME_OR_PASSWORD = _("The username or the password is not right.")


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Only administrators make accounts, and no answer tells a stranger which accounts exist."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG_NAME_OR_PASSWORD,
        "too_many_login_attempts": _("Too many failed attempts. Try again in a few minutes."),
        "enter_current_password": _("This is not your present password."),
        "password_password_mismatch": _("The two new passwords differ."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead staff of a shop to its desk."""
        return reverse(chosen.first_page(cast(User, request.user)))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send no mail, ever."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add no message, because the pages say what happened."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def is_reauthentication_required(self, *, app: str, **_kwargs: Any) -> bool:
        """Ask for the second factor before an act on it, unless it was shown just now."""
        if not second_factor.has_one(cast(User, context.request.user)):
            return False
        return not second_factor.shown_within(
            context.request, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        )

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str | Promise]]:
        return [{"id": "mfa_reauthenticate", "url": reverse("mfa_reauthenticate")}]


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seal the secrets of second factors with the portal's own key before they are stored."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or it was used already. Wait for the next."),
    }

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def encrypt(self, text: str) -> str:
        return sealing.seal(PURPOSE, text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.open_sealed(PURPOSE, encrypted_text)
