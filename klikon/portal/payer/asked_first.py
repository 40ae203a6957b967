"""“Ask me first” (R28) for the payer: the amount, and the yes or no to a request.

The SMS leads here. Opening the page approves nothing; only its button does.
"""

from datetime import datetime
from typing import Any

from crispy_forms.bootstrap import AppendedText
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from groups.proof import require_the_payers_number
from klikon.catalogue import on_sale
from klikon.catalogue.prices import Price
from klikon.models import Activation, AskAbove, WaitingRequest
from klikon.payer import asking
from klikon.portal import scope
from klikon.portal.payer.act import OpenGroupAct
from klikon.portal.payer.family_act import FamilyAct
from superfamilja.clock import portal_clock
from superfamilja.values.lek import lek
from superfamilja.values.lek_field import LekField
from superfamilja.values.months import bill_month, month_of
from superfamilja.web.form_layout import FieldsFormHelper, LaidOutForm


class AskedFirstForm(LaidOutForm):
    """The price above which the payer is asked."""

    helper = FieldsFormHelper(AppendedText("above_lek", "Lekë"))

    above_lek = LekField(
        label=_("Ask me first above"),
        help_text=_("In Lek, new ones: 800. With 0 you are asked before each activation."),
    )


class AskMeFirst(OpenGroupAct):
    form_class: type[forms.Form] = AskedFirstForm
    title = _("Ask me first")
    button = _("Yes, ask me first")
    consequence = _(
        "From this moment an activation that costs more waits for your yes, 24 hours at most, on "
        "every channel. You are told by SMS. Until your yes nothing is charged."
    )
    done = _("From now on you are asked first.")

    def shown(self, form: forms.Form, name: str) -> Any:
        return lek(form.cleaned_data[name])

    def require(self, cleaned: dict[str, Any]) -> None:
        above_lek, now = cleaned["above_lek"], portal_clock.now()
        asking.require_askable(self.group, above_lek, now)
        if asking.raises(asking.ask_above_of(self.group), above_lek):
            require_the_payers_number(self.contract, now)

    def perform(self, cleaned: dict[str, Any]) -> AskAbove:
        return asking.set_ask_above(
            group=self.group,
            above_lek=cleaned["above_lek"],
            proof=self.proof,
            at=portal_clock.now(),
        )


class AskMeNoMore(AskMeFirst):
    form_class = forms.Form
    template = "portal/one_tap.html"
    title = _("Ask me no more")
    button = _("Yes, ask me no more")
    consequence = _(
        "From this moment no activation waits for you any more. What waits already goes on waiting."
    )
    done = _("You are not asked first any more.")

    def require(self, cleaned: dict[str, Any]) -> None:
        asking.require_asked_first(self.group)

    def perform(self, cleaned: dict[str, Any]) -> AskAbove:
        return asking.lift_ask_above(group=self.group, proof=self.proof, at=portal_clock.now())


class DecideForm(forms.Form):
    """The price that the page showed: a yes is valid for that price only (R6, R28)."""

    charged_lek = LekField(widget=forms.HiddenInput, required=False)


class Decide(FamilyAct):
    """Show one request: what is asked, what it costs now, and the two buttons."""

    form_class = DecideForm
    title = _("Do you approve this?")
    template = "portal/request.html"
    done = _("Approved: the package is on its way.")
    waiting: WaitingRequest

    def load(self, pk: int) -> None:
        requests = WaitingRequest.objects.select_related(
            "contract", "group", "assignment", "leader", "member", "package", "activation"
        )
        self.waiting = get_object_or_404(requests, pk=pk)
        scope.contract_of(self.family, self.waiting.contract_id)

    def left_to(self) -> str:
        return reverse("payer", args=[self.waiting.contract_id])

    def perform(self, cleaned: dict[str, Any]) -> Activation | WaitingRequest:
        if self.request.POST.get("answer") == "no":
            return asking.decline(waiting=self.waiting, at=portal_clock.now())
        return asking.approve(
            waiting=self.waiting, charged_lek=cleaned["charged_lek"], at=portal_clock.now()
        )

    def after(self, outcome: Activation | WaitingRequest) -> HttpResponse:
        if isinstance(outcome, WaitingRequest):
            messages.success(self.request, str(_("Declined. Nothing was charged.")))
            return redirect(self.left_to())
        messages.success(self.request, str(self.done))
        return redirect("payer_charge", outcome.charge_id)

    def show(self, template: str, **context: Any) -> HttpResponse:
        now = portal_clock.now()
        waiting, state = self.waiting, self.waiting.state(now)
        return super().show(
            template,
            waiting=waiting,
            contract=waiting.contract,
            state=state,
            price=self._price(now) if state is None else _given(waiting),
            on_bill=bill_month(month_of(now)),
            **context,
        )

    def _price(self, now: datetime) -> Price:
        """Return what a yes costs now; for a package no longer sold, its former price."""
        waiting = self.waiting
        return on_sale.price_now(waiting.group, waiting.package.code, now) or _given(waiting)


def _given(waiting: WaitingRequest) -> Price:
    """Return what was charged, or what was asked for."""
    of = waiting.activation or waiting
    return Price(of.list_price_lek, of.list_price_lek - of.charged_lek)
