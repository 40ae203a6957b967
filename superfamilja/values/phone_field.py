"""A form field for a mobile number as people type it, kept as E.164."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from superfamilja.values import phone
from superfamilja.values.text_field import LineField


class MobileField(LineField):
    """«067 000 0102» → +355670000102."""

    default_error_messages = {
        "invalid": _("This is not an Albanian mobile number. Write it as 067 000 0102.")
    }

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "help_text": _("For example 067 000 0102."),
            "widget": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
            "max_length": 30,
        }
        super().__init__(**usual | options)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return phone.parse_msisdn(typed)
        except phone.UnreadableNumberError as error:
            raise forms.ValidationError(self.error_messages["invalid"]) from error
