"""The PIN of the phone channel for the payer: set or change, unlock, remove."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from groups.proof import CodeNotFresh
from klikon.leader import phone_pin
from klikon.models import PhonePin
from klikon.portal.payer.act import LeadershipAct
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal


class PinForm(forms.Form):
    """The PIN, typed twice and never shown again."""

    pin = forms.CharField(
        label=_("New PIN"),
        help_text=_("Four to six digits; no row like 1234, no year, no part of a number."),
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same PIN again"),
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "pin" in cleaned and "again" in cleaned and cleaned["pin"] != cleaned["again"]:
            self.add_error("again", _("The two PINs differ. Type the same one twice."))
        return cleaned


@method_decorator(sensitive_post_parameters("pin", "again"), name="dispatch")
class SetPin(LeadershipAct):
    form_class: type[forms.Form] = PinForm
    template = "portal/pin.html"
    keeps_typed = False  # no page contains a PIN
    title = _("PIN of the phone channel")
    button = _("Set this PIN")
    consequence = _(
        "The Mobile Leader types it when he calls 130 and the package costs more than the terms "
        "say. Tell it to nobody else. Three wrong ones lock the phone channel."
    )
    done = _("The PIN is set. Tell it to the Mobile Leader yourself: no SMS carries it.")

    def check(self, form: forms.Form) -> HttpResponse:
        # No check page, because it would show the PIN to people nearby.
        return self.confirm(form)

    def perform(self, cleaned: dict[str, Any]) -> PhonePin:
        return phone_pin.set_pin(
            leader=self.leader, pin=cleaned["pin"], proof=self.proof, at=portal_clock.now()
        )

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        if isinstance(refusal, CodeNotFresh):
            return super().refused(form, refusal)
        return self.show(self.template, form=self.make_form(), refusal=refusal.text())

    def show(self, template: str, **context: Any) -> HttpResponse:
        return super().show(template, pin=phone_pin.current(self.leader), **context)


class Unlock(SetPin):
    form_class = forms.Form
    keeps_typed = True
    template = "portal/one_tap.html"
    title = _("Unlock the phone channel")
    button = _("Yes, unlock it")
    consequence = _("The same PIN can be tried again, three times.")
    done = _("The phone channel is unlocked.")

    def perform(self, cleaned: dict[str, Any]) -> PhonePin:
        return phone_pin.unlock(leader=self.leader, proof=self.proof, at=portal_clock.now())


class RemovePin(Unlock):
    title = _("Take the PIN away")
    button = _("Yes, take the PIN away")
    consequence = _(
        "Without a PIN nothing that the terms ask it for can be activated by phone, until you set "
        "a new one."
    )
    done = _("There is no PIN any more.")

    def perform(self, cleaned: dict[str, Any]) -> PhonePin:
        return phone_pin.remove_pin(leader=self.leader, proof=self.proof, at=portal_clock.now())
