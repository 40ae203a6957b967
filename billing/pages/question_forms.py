"""The forms of staff about questions and complaints. They check shape only; the verbs decide."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Charge
from superfamilja.accounts.site.act_page import KeyedForm
from superfamilja.values.lek import lek
from superfamilja.values.text_field import LinesField
from superfamilja.web.form_layout import FieldsFormHelper


def _text(label: Any, help_text: Any = "") -> LinesField:
    area = forms.Textarea(attrs={"rows": 5})
    return LinesField(label=label, help_text=help_text, widget=area, max_length=2000)


class QuestionForm(KeyedForm):
    """The payer's question in their own words, and how they were identified."""

    helper = FieldsFormHelper("text", "reason")

    text = _text(_("What does the Fixed Leader ask?"), _("In the Fixed Leader's own words."))

    def __init__(self, *args: Any):
        super().__init__(*args)
        reason = self.fields["reason"]
        reason.label = _("How did the question come, and how was the caller known?")
        reason.help_text = _("For example: came to the shop with an identity card.")


class ComplaintForm(QuestionForm):
    text = _text(_("What does the Fixed Leader complain about?"), _("In their own words."))


class AnswerForm(KeyedForm):
    """The answer that the payer reads, which is also its reason, and what was given with it."""

    text = _text(_("Your answer"), _("The Fixed Leader reads exactly this. Write whole sentences."))
    correction = forms.ChoiceField(label=_("What was given"), required=False)

    helper = FieldsFormHelper("text", "correction")

    def __init__(self, charge: Charge, *args: Any):
        super().__init__(*args)
        del self.fields["reason"]
        given = [
            (f"credit-{credit.pk}", f"{_('Credit')}: {lek(credit.amount_lek)}")
            for credit in charge.credits.order_by("pk")
        ]
        if reversal := getattr(charge, "reversal", None):
            given.append((f"reversal-{reversal.pk}", f"{_('Reversal')}: {lek(charge.amount_lek)}"))
        correction = cast(forms.ChoiceField, self.fields["correction"])
        correction.choices = [("", _("nothing")), *given]
        if not given:
            del self.fields["correction"]
            self.helper = FieldsFormHelper("text")
