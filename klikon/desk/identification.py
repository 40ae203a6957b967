"""Identify the customer at the counter by their document, or their proxy.

A proxy has a power of attorney (*prokurë*). Kind and number are recorded; nothing is copied.
"""

import re
from datetime import date
from typing import Any

from crispy_forms.layout import HTML, Div, Field, Fieldset
from django import forms
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from groups import personal_number
from groups.models import Contract
from superfamilja.clock import portal_clock
from superfamilja.values.months import local_date
from superfamilja.values.text_field import LineField
from superfamilja.web.form_layout import FieldsFormHelper, LaidOutForm

OWNER, PROXY = "owner", "proxy"
WHO = ((OWNER, _("the Fixed Leader")), (PROXY, _("somebody with a power of attorney")))
DOCUMENTS = (("id_card", _("identity card")), ("passport", _("passport")))
OF_A_PROXY = ("proxy_name", "proxy_number", "proxy_date")

_NUMBER = re.compile(r"[A-Z0-9]{5,20}")


class IdentifiedForm(LaidOutForm):
    """The person at the counter. Every act's form begins with it."""

    who = forms.ChoiceField(
        label=_("Who is here?"), choices=WHO, initial=OWNER, widget=forms.RadioSelect
    )
    document = forms.ChoiceField(
        label=_("Document"), choices=DOCUMENTS, initial="id_card", widget=forms.RadioSelect
    )
    document_number = LineField(
        label=_("Number of the document"),
        help_text=_("Of whoever is here."),
        max_length=30,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    # klikon/desk/identity.py compares it; it is never stored.
    personal_number = LineField(
        label=_("Personal number of the Fixed Leader"),
        help_text=_("From the document, or from the power of attorney; for example J12345678A."),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    proxy_name = LineField(
        label=_("Name of who has the power of attorney"), max_length=200, required=False
    )
    proxy_number = LineField(
        label=_("Number of the power of attorney"),
        help_text=_("Its number in the notary's register."),
        max_length=40,
        required=False,
    )
    proxy_date = forms.DateField(
        label=_("Date of the power of attorney"),
        help_text=_("For example 24.11.2026."),
        required=False,
        widget=forms.DateInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, contract: Contract, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.contract = contract

    @property
    def own_fields(self) -> list[str]:
        """Return the act's own fields, those that are not about the person at the counter."""
        return [name for name in self.fields if name not in IdentifiedForm.base_fields]

    @property
    def helper(self) -> FieldsFormHelper:  # type: ignore[override]
        """Return two sections: the person at the counter and, if any, what is asked for."""
        own = (self._drawn(name) for name in self.own_fields)
        asked = [Fieldset(_("What is asked for"), *own)] if self.own_fields else []
        return FieldsFormHelper(_identification(), *asked)

    def _drawn(self, name: str) -> str | Field:
        """Draw radio buttons close together, one below the other."""
        is_radio = isinstance(self.fields[name].widget, forms.RadioSelect)
        return Field(name, wrapper_class="tight tall") if is_radio else name

    def clean_document_number(self) -> str:
        number = _compact(self.cleaned_data["document_number"])
        if not _NUMBER.fullmatch(number):
            raise forms.ValidationError(_("Type the number of the document: letters and digits."))
        return number

    def clean_personal_number(self) -> str:
        typed: str = self.cleaned_data["personal_number"]
        if typed and not personal_number.is_one(typed):
            raise forms.ValidationError(
                _("A personal number is a letter, eight digits and a letter, as J12345678A.")
            )
        return personal_number.normalised(typed)

    def clean_proxy_date(self) -> date | None:
        day: date | None = self.cleaned_data["proxy_date"]
        if day and day > local_date(portal_clock.now()):
            raise forms.ValidationError(_("This day is still to come. Read the date once more."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("who") == PROXY:
            for name in OF_A_PROXY:
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("A power of attorney needs this."))
        return cleaned


def _identification() -> Fieldset:
    """Lay out the person at the counter, with what the shop knows beside the fields."""
    return Fieldset(
        _("Identification"),
        HTML('{% include "desk/fixed_leader_here.html" %}'),
        Field("who", wrapper_class="tight"),
        Div(*OF_A_PROXY, css_class="of-proxy"),
        Field("document", wrapper_class="tight"),
        "document_number",
        "personal_number",
        HTML('{% include "desk/personal_number_known.html" %}'),
    )


def signatory(contract: Contract, cleaned: dict[str, Any]) -> str:
    """Return whose name is printed under the paper."""
    return str(cleaned["proxy_name"]) if cleaned["who"] == PROXY else contract.owner_name


def evidence(contract: Contract, cleaned: dict[str, Any]) -> str:
    """Return «identity card AB123456» in the contract's language; for a proxy, their power, too."""
    with override(contract.language):
        shown = f"{dict(DOCUMENTS)[cleaned['document']]} {cleaned['document_number']}"
        if cleaned["who"] != PROXY:
            return shown
        return gettext("%(document)s; power of attorney no. %(number)s of %(day)s") % {
            "document": shown,
            "number": cleaned["proxy_number"],
            "day": f"{cleaned['proxy_date']:%d.%m.%Y}",
        }


def _compact(typed: str) -> str:
    return re.sub(r"[\s.\-]", "", typed).upper()
