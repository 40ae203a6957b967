"""Form fields for an amount as people here type it: 2000, 2.000, «2.000 Lekë»."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from superfamilja.values import texts
from superfamilja.values.lek import MOST_LEK, UnreadableAmount, grouped, parse_lek


def read_lek(text: str, *, at_least: int = 0, at_most: int = MOST_LEK) -> int:
    """Return the amount of a form, file or command. Raise ValidationError with what to write."""
    try:
        amount = parse_lek(text)
    except UnreadableAmount as unreadable:
        raise _unreadable(unreadable.readings) from unreadable
    if not at_least <= amount <= at_most:
        raise ValidationError(
            _("The amount must be from %(least)s to %(most)s Lekë."),
            code="out_of_bounds",
            params={"least": grouped(at_least), "most": grouped(at_most)},
        )
    return amount


def _unreadable(readings: tuple[str, ...]) -> ValidationError:
    if len(readings) == 2:
        return ValidationError(
            _("This may be %(one)s or %(other)s. Write whole Lek, as 2000 or 2.000."),
            code="doubtful",
            params={"one": readings[0], "other": readings[1]},
        )
    return ValidationError(_("Write whole Lek, as 2000 or 2.000."), code="invalid")


class LekField(forms.IntegerField):
    """A field for whole Lek. Django's own would read 2.000 as 2."""

    widget = forms.TextInput

    def __init__(self, *, min_value: int = 0, max_value: int = MOST_LEK, **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)
        self.least, self.most = min_value, max_value
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> int | None:
        text = texts.clean(str(value)) if value is not None else ""
        if not text:
            return None
        return read_lek(text, at_least=self.least, at_most=self.most)


class CountField(forms.IntegerField):
    """A field for a whole number, digits only. Django's own would read 28.000 as 28."""

    def to_python(self, value: Any) -> int | None:
        text = texts.clean(str(value)) if value is not None else ""
        if text and not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise ValidationError(_("Write a whole number, digits alone."), code="invalid")
        return super().to_python(text)
