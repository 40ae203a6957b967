"""Questions of the payer about one charge: recognise it, ask, complain, or settle."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import disputes
from billing.models import Charge, Dispute
from klikon.portal import scope
from klikon.portal.payer.family_act import FamilyAct
from superfamilja.accounts.site.act_page import new_key
from superfamilja.clock import portal_clock
from superfamilja.customers.gate import FamilyRequest, family_required
from superfamilja.values.text_field import LinesField


@family_required
def recognise(request: FamilyRequest, pk: int) -> HttpResponse:
    """Record once that the payer knows the charge. A GET, as after a sign-in, shows it again."""
    charge = scope.charge_of(request, pk)
    if request.method != "POST":
        return redirect("payer_charge", pk)
    disputes.recognise(charge=charge, at=portal_clock.now())
    messages.success(request, _("Noted: you know this charge."))
    return redirect("payer_charge", pk)


class SayForm(forms.Form):
    """The payer's own words, sent once however often the form is (R21)."""

    text = LinesField(
        label=gettext_lazy("Your question"),
        help_text=gettext_lazy("In your own words. An answer comes within 15 days."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write what you want to ask.")},
    )
    key = forms.RegexField(r"^[A-Za-z0-9_-]{32,64}$", widget=forms.HiddenInput, initial=new_key)


class Ask(FamilyAct):
    """Ask about a charge, or add a message to its open question."""

    form_class: type[forms.Form] = SayForm
    title = gettext_lazy("Ask about this charge")
    button = gettext_lazy("Yes, send the question")
    consequence = gettext_lazy(
        "Our staff answer here within 15 days, and you are told by SMS. A question is no complaint "
        "yet; you can make it one until 15 days after the bill."
    )
    done = gettext_lazy("Your question is with us.")
    charge: Charge

    def load(self, pk: int) -> None:
        self.charge = scope.charge_of(self.family, pk)
        self.contract = self.charge.contract

    def left_to(self) -> str:
        return reverse("payer_charge", args=[self.charge.pk])

    def subject(self) -> list[tuple[Any, Any]]:
        return [(gettext_lazy("Charge"), f"{self.charge.text}, {self.charge.reference}")]

    def perform(self, cleaned: dict[str, Any]) -> Dispute:
        return disputes.ask(
            charge=self.charge, text=cleaned["text"], key=cleaned["key"], at=portal_clock.now()
        )


class ComplainForm(SayForm):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.fields["text"].label = gettext_lazy("Your complaint")


class Complain(Ask):
    """Turn the question into a complaint (ankesë)."""

    form_class: type[forms.Form] = ComplainForm
    title = gettext_lazy("Make it a complaint")
    button = gettext_lazy("Yes, send the complaint")
    consequence = gettext_lazy(
        "A complaint is answered in writing within 15 days. If the answer does not satisfy you, "
        "you can go to the regulator AKEP within 15 days more."
    )
    done = gettext_lazy("Your complaint is with us.")
    dispute: Dispute

    def load(self, pk: int) -> None:
        self.dispute = get_object_or_404(Dispute.objects.select_related("charge"), pk=pk)
        super().load(self.dispute.charge_id)

    def perform(self, cleaned: dict[str, Any]) -> Dispute:
        return disputes.make_complaint(
            dispute=self.dispute, text=cleaned["text"], key=cleaned["key"], at=portal_clock.now()
        )


class Settle(Complain):
    """Close the question, because the payer asks nothing more."""

    form_class = forms.Form
    template = "portal/one_tap.html"
    title = gettext_lazy("Close the question")
    button = gettext_lazy("Yes, nothing more is asked")
    consequence = gettext_lazy("The conversation stays here to be read. You can ask anew later.")
    done = gettext_lazy("The question is closed.")

    def perform(self, cleaned: dict[str, Any]) -> Dispute:
        return disputes.close(dispute=self.dispute, at=portal_clock.now())
