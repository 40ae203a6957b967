"""What staff type about charges and months. Shape only; the verbs decide."""

from django.utils.translation import gettext_lazy as _

from superfamilja.act_page import KeyedForm
from superfamilja.lek_field import LekField


class CreditForm(KeyedForm):
    """How much of a charge is given back, and why."""

    amount_lek = LekField(
        label=_("Amount, Lek"), min_value=1, help_text=_("Whole Lek, VAT included.")
    )

    field_order = ["amount_lek", "reason", "key"]
