"""Take down a question about a charge in the Fixed Leader's own words."""

from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from billing import disputes
from billing.models import Charge, Dispute
from klikon.desk.acts.base import DeskAct, Signed
from klikon.desk.identification import IdentifiedForm
from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek
from superfamilja.values.text_field import LinesField

SHOWN = 50


class NothingCharged(Refusal):
    rule = "R14"
    code = "nothing_charged"
    sentence = gettext_noop("Nothing was charged to this contract yet.")


class DeskQuestionForm(IdentifiedForm):
    """The charge, and the question."""

    charge = forms.ChoiceField(label=_("Charge"))
    text = LinesField(
        label=_("What does the Fixed Leader ask?"),
        help_text=_("In the Fixed Leader's own words."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )


class AskQuestion(DeskAct):
    name, key = "ask_question", "p"
    title = _("Take down a question")
    button = _("Signed: take down the question")
    consequence = _("The operator answers within 15 days, in the portal.")
    done = _("The question is taken down.")
    form_class = DeskQuestionForm

    def obstacle(self) -> Refusal | None:
        return None if self._charges() else NothingCharged()

    def form(self, typed: dict[str, Any] | None = None) -> IdentifiedForm:
        form = super().form(typed)
        cast(forms.ChoiceField, form.fields["charge"]).choices = self._charges()
        return form

    def shown(self, form: IdentifiedForm, name: str) -> Any:
        if name != "charge":
            return super().shown(form, name)
        return {str(pk): label for pk, label in self._charges()}[form.cleaned_data[name]]

    def perform(self, signed: Signed) -> Dispute:
        return disputes.ask(
            charge=Charge.objects.get(pk=signed.cleaned["charge"], contract=self.contract),
            text=signed.cleaned["text"],
            key=f"desk-{signed.paper.reference}",
            **signed.words,
        )

    def _charges(self) -> list[tuple[int, str]]:
        newest = Charge.objects.filter(contract=self.contract).order_by("-pk")[:SHOWN]
        return [
            (c.pk, f"{timezone.localtime(c.accepted_at):%d.%m.%Y} · {c.text} · {lek(c.amount_lek)}")
            for c in newest
        ]
