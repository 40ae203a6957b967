"""A form says in Python how it is laid out; crispy draws it with the pack in templates/klikon.

The form tag, its token and its buttons stay in the page, because they carry more than the form.
ADR 0027 says why.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils.safestring import SafeString


class FieldsHelper(FormHelper):  # type: ignore[misc]
    """Draw the fields of a form and nothing around them."""

    form_tag = False
    disable_csrf = True
    include_media = False
    # A layout names what people see; keys and figures of the page before follow by themselves.
    render_hidden_fields = True

    def __init__(self, form: forms.BaseForm, layout: Layout | None = None) -> None:
        """Lay the form out as said, or else its fields one below the other."""
        super().__init__(form)
        if layout is not None:
            self.layout = layout


class LaidOutForm(forms.Form):
    """A form with a layout. The summary of its errors and its check page keep the same order."""

    layout: ClassVar[Layout | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.layout is not None:
            self.order_fields(names_in(self.layout))

    def laid_out(self) -> Layout | None:
        """Return the layout of this form as it stands; a form may have lost a field."""
        return self.layout

    @property
    def helper(self) -> FieldsHelper:
        """Return what crispy asks a form for."""
        return FieldsHelper(self, self.laid_out())


def names_in(layout: Layout) -> list[str]:
    """Return the names of the fields in their order."""
    return [pointer.name for pointer in layout.get_field_names()]


def drawn(form: forms.BaseForm, context: Mapping[Any, Any]) -> SafeString:
    """Return the fields as HTML. Forms of other packages have no layout and are drawn plainly."""
    helper = getattr(form, "helper", None) or FieldsHelper(form)
    html: SafeString = render_crispy_form(form, helper, context)
    return html
