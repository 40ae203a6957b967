"""An amount as people here type it: 2000, 2.000, «2.000 Lekë». Never a fraction."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_WRITTEN = re.compile(r"(\d+|\d{1,3}(?:\.\d{3})+)(?:\s*lek[eë]?)?", re.IGNORECASE)


class LekField(forms.IntegerField):
    """Whole Lek. Django's own would read 2.000 as 2."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> int | None:
        text = str(value).strip() if value is not None else ""
        if not text:
            return None
        written = _WRITTEN.fullmatch(text)
        if not written:
            raise ValidationError(_("Write whole Lek, as 2000 or 2.000."))
        return int(written[1].replace(".", ""))
