"""What staff type about charges and months. Shape only; the verbs decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from superfamilja.act_page import KeyedForm


class CreditForm(KeyedForm):
    """How much of a charge is given back, and why."""

    amount_lek = forms.IntegerField(
        label=_("Amount, Lek"),
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Whole Lek, VAT included."),
    )

    field_order = ["amount_lek", "reason", "key"]
