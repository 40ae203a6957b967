"""The forms of staff about charges and months. They check shape only; the verbs decide."""

import json
from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import CreditSentence
from billing.month.figures import Figures
from billing.month.next_file import NextFile
from superfamilja.accounts.site.act_page import KeyedForm, ReasonForm
from superfamilja.values.lek_field import LekField
from superfamilja.web.form_layout import FieldsFormHelper


class CreditForm(KeyedForm):
    """How much of a charge is given back, what the customer reads about it, and why."""

    helper = FieldsFormHelper("amount_lek", "told", "reason")

    amount_lek = LekField(
        label=_("Amount, Lek"), min_value=1, help_text=_("Whole Lek, VAT included.")
    )

    told = forms.ChoiceField(
        label=_("What the customer reads"),
        help_text=_("On the bill and in the portal. The reason below stays inside."),
        choices=[("", "…"), *CreditSentence.choices],
        error_messages={"required": _("Choose what the customer reads.")},
    )


_OLD = _("This page is no longer valid. Begin anew.")


class CloseForm(KeyedForm):
    """Why the month is closed and, from the second page on, which figures the page showed."""

    expected = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_expected(self) -> Figures | None:
        text = self.cleaned_data["expected"]
        try:
            return Figures(**json.loads(text)) if text else None
        except (ValueError, TypeError):
            raise forms.ValidationError(_OLD) from None


class ClosedMonthForm(ReasonForm):
    """The reason, and which close of the month the page showed."""

    closed_at = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_closed_at(self) -> datetime | None:
        text = self.cleaned_data["closed_at"]
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            raise forms.ValidationError(_OLD) from None


class FileForm(ReasonForm):
    """The reason and, from the second page on, what the file will hold."""

    file = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_file(self) -> NextFile | None:
        text = self.cleaned_data["file"]
        try:
            return NextFile(**json.loads(text)) if text else None
        except (ValueError, TypeError):
            raise forms.ValidationError(_OLD) from None


class ApproveForm(FileForm, ClosedMonthForm):
    """Which close, and what its file will hold."""
