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
        try:
            return phone.parse_msisdn(self.cleaned_data["msisdn"])
        except phone.UnreadableNumberError as error:
            raise forms.ValidationError(
                _("This is not an Albanian mobile number. Write it as 067 000 0102.")
            ) from error
