"""Lay out forms in Python; crispy draws them with the pack in templates/klikon.

The form tag, its token and its buttons stay in the page, because they carry more than the form. ADR
0027 says why.
"""

from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils.safestring import SafeString


class FieldsFormHelper(FormHelper):  # type: ignore[misc]
    """Draw the fields of a form, in its sections if it has any, and nothing around them."""

    form_tag = False
    disable_csrf = True
    include_media = False
    # A layout names the visible fields; hidden keys and figures of the page before follow by
    # themselves.
    render_hidden_fields = True

    def __init__(self, *sections: object, form: forms.BaseForm | None = None) -> None:
        """Take field names and crispy's layout objects. With `form` alone, stack its fields."""
        super().__init__(form)
        if sections:
            self.layout = Layout(*sections)

    def field_names(self) -> list[str]:
        """Return the names of the fields in their order."""
        return [pointer.name for pointer in self.layout.get_field_names()]


class LaidOutForm(forms.Form):
    """A form whose helper says how it is drawn.

    The error summary and the check page keep the same order. Without a helper the fields are
    stacked.
    """

    helper: FieldsFormHelper | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.helper is not None:
            self.order_fields(self.helper.field_names())


def drawn(form: forms.BaseForm, context: Mapping[Any, Any]) -> SafeString:
    """Return the fields as HTML.

    Forms of other packages have no helper; their fields are stacked.
    """
    helper = getattr(form, "helper", None) or FieldsFormHelper(form=form)
    html: SafeString = render_crispy_form(form, helper, context)
    return html
