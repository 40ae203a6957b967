"""What staff type about a group. Shape only; membership.py decides."""

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.plans import PLANS
from superfamilja import phone
from superfamilja.act_page import ReasonForm


class AddMemberForm(ReasonForm):
    msisdn = forms.CharField(
        label=_("Mobile number"),
        help_text=_("For example 067 000 0102."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        max_length=30,
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    plan = forms.ChoiceField(label=_("Plan"), choices=PLANS)

    field_order = ["msisdn", "name", "plan", "reason"]

    def clean_msisdn(self) -> str:
        return _read_mobile(self.cleaned_data["msisdn"])


class ContactForm(ReasonForm):
    """The new contact mobile, and the document that its owner showed in the shop."""

    DOCUMENTS = (
        ("id_card", _("identity card")),
        ("passport", _("passport")),
        ("proxy", _("power of attorney")),
    )

    msisdn = forms.CharField(
        label=_("New contact mobile"),
        help_text=_("For example 067 000 0102."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        max_length=30,
    )
    document = forms.ChoiceField(label=_("Document that was shown"), choices=DOCUMENTS)
    document_number = forms.CharField(label=_("Number of the document"), max_length=40)

    field_order = ["msisdn", "document", "document_number", "reason"]

    def clean_msisdn(self) -> str:
        return _read_mobile(self.cleaned_data["msisdn"])


def _read_mobile(typed: str) -> str:
    try:
        return phone.parse_msisdn(typed)
    except phone.UnreadableNumberError as error:
        raise forms.ValidationError(
            _("This is not an Albanian mobile number. Write it as 067 000 0102.")
        ) from error
