"""The fields of the families' sign-in; they accept every usual way of typing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from superfamilja.values.phone_field import MobileField
from superfamilja.values.text_field import LineField


class NumberForm(forms.Form):
    """The mobile number that signs in."""

    number = MobileField(
        label=_("Your mobile number"),
        help_text=_("As you write it: 067 123 4567."),
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel", "autofocus": True}
        ),
        error_messages={
            "required": _("Type your mobile number."),
            "invalid": _("This is no Albanian mobile number. Write it as 067 123 4567."),
        },
    )


class CodeField(LineField):
    """The six digits of an SMS, with or without spaces."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "numeric", "autocomplete": "one-time-code"}
        super().__init__(
            help_text=_("Six digits. It lives for 10 minutes."),
            max_length=20,
            widget=forms.TextInput(attrs=attributes),
            error_messages={"required": _("Type the six digits of the SMS.")},
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        typed = "".join(letter for letter in super().clean(value) if letter.isdigit())
        if len(typed) != 6:
            raise forms.ValidationError(_("The code has six digits. Type all of them."))
        return typed


class SmsCodeForm(forms.Form):
    """The code of one SMS."""

    code = CodeField(label=_("The code from the SMS"))

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.fields["code"].widget.attrs["autofocus"] = True


class SignInCodeForm(SmsCodeForm):
    remember = forms.BooleanField(
        label=_("This is my own phone: keep me signed in for 30 days"), required=False
    )
