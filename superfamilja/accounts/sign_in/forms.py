"""The forms of signing in, with our own words and attributes."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.sign_in import lockout

CODE_ATTRIBUTES = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "autocapitalize": "off",
    "spellcheck": "false",
    "autofocus": True,
}


class SignInForm(LoginForm):  # type: ignore[misc]
    """Username and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label = _("Username"), _("Password")
        name.widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "off",
            "spellcheck": "false",
            "autofocus": True,
        }
        password.widget.attrs = {"autocomplete": "current-password"}


class _OneCode(forms.Form):
    """A code that works once; a wrong one counts as a failure."""

    user: Any
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_code(self)

    def clean_code(self) -> str:
        username = self.user.get_username()
        if lockout.is_locked_out(context.request, username):
            raise ValidationError(_("Too many failed attempts. Try again in a few minutes."))
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            spend(self.authenticator, code)
        except ValidationError:
            lockout.count_wrong_code(context.request, username)
            raise
        return code


class SecondFactorForm(_OneCode, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class CodeAgainForm(_OneCode, ReauthenticateForm):  # type: ignore[misc]
    """The code once more, before an act on the second factor."""


class SetUpForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_code(self)


class ChangePasswordForm(AllauthChangePasswordForm):  # type: ignore[misc]
    """A new password, chosen by the person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, autocomplete in [
            ("oldpassword", _("Present password"), "current-password"),
            ("password1", _("New password"), "new-password"),
            ("password2", _("New password once more"), "new-password"),
        ]:
            self.fields[name].label = label
            self.fields[name].widget.attrs = {"autocomplete": autocomplete}

    def clean_password1(self) -> str:
        new: str = self.cleaned_data["password1"]
        if self.user.check_password(new):
            raise ValidationError(_("Choose a password other than the present one."))
        return new

    def save(self) -> None:
        self.user.temporary_password_until = None
        super().save()


def spend(authenticator: Authenticator, code: str) -> None:
    """Mark a code of an authenticator app as used for as long as it could be accepted again.

    allauth forgets a used code after one period; with a tolerance of one it is valid for three.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        return
    seconds = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)
    if not cache.add(f"second_factor.used:{authenticator.pk}:{code.strip()}", 1, seconds):
        raise get_adapter().validation_error("incorrect_code")


def _dress_code(form: forms.Form) -> None:
    form.fields["code"].label = _("Code")
    form.fields["code"].widget.attrs = dict(CODE_ATTRIBUTES)
