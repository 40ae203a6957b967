"""The forms of staff about leaders and activations. They check shape only; the verbs decide."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.models import Membership
from klikon.activation.quote import Quote
from klikon.models import FreezeCause
from superfamilja.accounts.site.act_page import KeyedForm, ReasonForm
from superfamilja.clock import portal_clock
from superfamilja.values.lek_field import LekField
from superfamilja.values.text_field import LineField
from superfamilja.web.form_layout import FieldsFormHelper


class AskedForm(ReasonForm):
    """An act that the Fixed Leader asks for on the phone, which only tightens (R30)."""

    helper = FieldsFormHelper("call", "reason")

    call = LineField(
        label=_("Id of the recorded call"),
        help_text=_("As the call system shows it; who asks in a shop signs a paper at the desk."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any):
        super().__init__(*args)
        reason = self.fields["reason"]
        reason.label = _("What did the Fixed Leader ask for, and how?")
        reason.help_text = _("For example: called from the contact mobile, identity checked.")


class NumberChangedForm(ReasonForm):
    """What happened to the number (R26)."""

    helper = FieldsFormHelper("cause", "changed_at", "reason")

    cause = forms.ChoiceField(
        label=_("What happened to the number?"),
        choices=[c for c in FreezeCause.choices if c[0] != FreezeCause.FIXED_LEADER],
    )

    changed_at = forms.DateTimeField(
        label=_("When, as the CRM shows it"),
        help_text=_(
            "For example 30.11.2026 14:05. It tells a new change from one that was told before. "
            "Empty: now."
        ),
        required=False,
        input_formats=["%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": _("This is no date with a time; write it as 30.11.2026 14:05.")},
    )

    def clean_changed_at(self) -> datetime | None:
        typed: datetime | None = self.cleaned_data["changed_at"]
        if typed and typed > portal_clock.now():
            raise forms.ValidationError(_("This is in the future. Write when it happened."))
        return typed


class LimitForm(AskedForm):
    """For whom, and how much a month; 0 allows nothing more (R27)."""

    helper = FieldsFormHelper("whom", "limit_lek", "call", "reason")

    whom = forms.ChoiceField(label=_("Limit for"), required=False)
    limit_lek = LekField(
        label=_("Limit a month, Lek"),
        min_value=0,
        help_text=_("What Klik-ON may cost in a month at most, in new Lek. 0: nothing more."),
    )

    def __init__(self, members: list[Membership], *args: Any):
        super().__init__(*args)
        whom = cast(forms.ChoiceField, self.fields["whom"])
        whom.choices = [("", _("the whole group")), *((str(m.pk), m.name) for m in members)]


class AskAboveForm(AskedForm):
    """The price above which the payer is asked first; 0 means every time (R28)."""

    helper = FieldsFormHelper("above_lek", "call", "reason")

    above_lek = LekField(
        label=_("Ask first above, Lek"),
        min_value=0,
        help_text=_("In new Lek, with Klik-ON: Super 700 costs 500 Lekë. 0: every activation."),
    )


class ActivateForm(KeyedForm):
    """The package for this member, and the recorded request.

    Also the yes to a repetition (R25), and the price that was shown (R6).
    """

    package = forms.ChoiceField(
        label=_("Which package?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the package.")},
    )
    call = LineField(
        label=_("Id of the recorded call"),
        help_text=_("As the call system shows it: the Mobile Leader asks on the phone."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    member = forms.IntegerField(widget=forms.HiddenInput)
    repeat_confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    charged_lek = LekField(required=False, widget=forms.HiddenInput)

    field_order = ["package", "call", "reason", "member", "key", "repeat_confirmed", "charged_lek"]

    def __init__(self, member: Membership, quoted: Quote, *args: Any):
        super().__init__(*args)
        package = cast(forms.ChoiceField, self.fields["package"])
        package.choices = [(r.package.code, r.package.name) for r in quoted.rows]
        self.fields["member"].initial = member.pk
        reason = self.fields["reason"]
        reason.label = _("What did the Mobile Leader ask for, and how?")
        reason.help_text = _("For example: called 130 from his number, identity checked.")
