"""The forms of the person who proposes an ending, and of the one who confirms it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klikon.activation.references import parse_reference
from klikon.comparison.models import ComparedOrder, Difference, Ending
from superfamilja.accounts.site.act_page import ReasonForm
from superfamilja.epoch.models import Halt
from superfamilja.values.text_field import LineField
from superfamilja.web.form_layout import FieldsFormHelper

ALL = ""


class ReferenceForm(ReasonForm):
    """The reason, and whether it is about one line only."""

    helper = FieldsFormHelper("reference", "reason")

    reference = LineField(
        label=_("Only this reference"),
        required=False,
        max_length=40,
        help_text=_("Empty: all of them."),
    )

    # The proposals that this person was shown.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_reference(self) -> str:
        typed: str = self.cleaned_data["reference"]
        try:
            return parse_reference(typed) if typed else ALL
        except ValueError:
            return typed.strip()  # their references may have any form


class ProposeForm(ReferenceForm):
    """The lines, and how they end."""

    helper = FieldsFormHelper("which", "reference", "how", "reason")

    which = forms.ChoiceField(label=_("Lines"), choices=[])
    how = forms.ChoiceField(label=_("Ending"), choices=[("", "—"), *Ending.choices])

    def __init__(self, halt: Halt, *args: Any) -> None:
        super().__init__(*args)
        self.halt = halt
        found = set(halt.lines.open().values_list("difference", flat=True))
        which: Any = self.fields["which"]
        which.choices = [choice for choice in Difference.choices if choice[0] in found]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.lines():
            self.add_error("reference", _("No such line is open. Look at the list again."))
        return cleaned

    def lines(self) -> list[ComparedOrder]:
        """Return the chosen open lines."""
        open_lines = ComparedOrder.objects.open().filter(
            halt=self.halt, difference=self.cleaned_data["which"]
        )
        if reference := self.cleaned_data["reference"]:
            return list(open_lines.filter(reference=reference))
        return list(open_lines.filter(proposed_at=None))


class EndForm(ReasonForm):
    """The reason, and which proposal this person was shown."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class GoOnForm(ReasonForm):
    """What to do with the SMS that waited in the restored database."""

    helper = FieldsFormHelper("send_waiting", "reason")

    send_waiting = forms.ChoiceField(
        label=_("SMS that waited when the data were saved"),
        choices=[
            ("no", _("do not send: they were probably sent before")),
            ("yes", _("send: they were certainly not sent")),
        ],
    )
