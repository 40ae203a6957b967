"""Typed text goes through one normaliser, and typed amounts through one parser."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from django import forms
from django.urls import get_resolver

from superfamilja.values.lek_field import CountField, LekField
from superfamilja.values.text_field import CopiedCodeField, LineField, LinesField

ROOMS = ("superfamilja", "groups", "billing", "klikon")
OURS = (LineField, LinesField, CopiedCodeField)
# Compared whole or never stored: a password, a PIN, a page's key; an address.
NOT_TEXT = (forms.RegexField, forms.EmailField)
SECRET = (forms.PasswordInput, forms.HiddenInput)
# In the sign-in of staff the library compares names, and a code is digits.
BY_THE_LIBRARY = {"login", "password", "code", "otp", "recovery_code"}


def every_form() -> list[type[forms.Form]]:
    """Return the forms of the house; loading its addresses loads all of them."""
    assert get_resolver().url_patterns
    import_module("klikon.catalogue.import_file")

    def below(kind: type[forms.BaseForm]) -> Iterator[type[forms.Form]]:
        for form in kind.__subclasses__():
            yield form
            yield from below(form)

    return sorted(
        {form for form in below(forms.Form) if form.__module__.split(".")[0] in ROOMS},
        key=lambda form: f"{form.__module__}.{form.__qualname__}",
    )


def test_there_are_forms() -> None:
    assert len(every_form()) > 30


@pytest.mark.parametrize("form", every_form(), ids=lambda form: form.__qualname__)
def test_text_and_amounts_are_read_by_the_fields_of_the_house(form: type[forms.Form]) -> None:
    for name, field in form.base_fields.items():
        is_text = type(field).__mro__.count(forms.CharField) and not isinstance(field, NOT_TEXT)
        if is_text and not isinstance(field.widget, SECRET) and name not in BY_THE_LIBRARY:
            assert isinstance(field, OURS), name
        if name.endswith("_lek"):
            assert isinstance(field, LekField), name
        is_number = isinstance(field, forms.IntegerField | forms.DecimalField)
        if is_number and not isinstance(field.widget, forms.HiddenInput):
            assert isinstance(field, LekField | CountField), name
