"""Form fields for text, which they clean as the house keeps text (values/texts.py)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from superfamilja.values import texts


class LineField(forms.CharField):
    """A field for one line: «\u200bDrita\u00a0Dardha » → «Drita Dardha»."""

    def to_python(self, value: Any) -> str | None:
        return super().to_python(_cleaned(value, texts.clean))


class LinesField(forms.CharField):
    """A field for text of several lines; the line breaks stay."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        return super().to_python(_cleaned(value, texts.clean_lines))


class CopiedCodeField(forms.CharField):
    """A field for a number or code that people copy: «\ufeffSF1000001» → «SF1000001».

    It refuses and names a letter that only looks like one of ours, such as the Cyrillic С.
    """

    default_error_messages = {
        "look_alike": _("“%(letter)s” only looks like a letter of ours. Type it anew by hand.")
    }

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(_cleaned(value, texts.clean_code))
        if text and not texts.is_code(text):
            letter = next(letter for letter in text if not " " <= letter <= "~")
            raise ValidationError(
                self.error_messages["look_alike"], code="look_alike", params={"letter": letter}
            )
        return text


def _cleaned(value: Any, clean: Any) -> Any:
    return clean(value) if isinstance(value, str) else value
