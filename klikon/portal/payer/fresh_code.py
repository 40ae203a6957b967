"""Ask for a code during an act when the last one is too old to loosen anything (R30).

The verb decides that one is needed; the page then asks for it and keeps what was typed. People who
have just signed in never see it.
"""

from abc import abstractmethod
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from groups.models import Contract
from groups.proof import CodeNotFresh, PayerSession
from klikon.portal.payer.family_act import FamilyAct
from superfamilja.accounts.sign_in.lockout import client_address
from superfamilja.clock import portal_clock
from superfamilja.customers import browsers, codes, gate
from superfamilja.customers.forms import CodeField
from superfamilja.customers.models import CODE_LIVES
from superfamilja.customers.refusals import CodeRefused
from superfamilja.messages.outbox import sms_of
from superfamilja.refusal import Refusal
from superfamilja.values import phone

PURPOSE = "fresh_code"
ASKED = "fresh_code_asked"  # in the session: the code that was sent


class FreshCodeForm(forms.Form):
    """The code of the SMS that has just been sent."""

    fresh_code = CodeField(label=_("The code from the SMS"))

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.fields["fresh_code"].widget.attrs["autofocus"] = True


class ProvenAct(FamilyAct):
    """An act of the payer that may loosen. Subclasses pass `self.proof` to their verb."""

    keeps_typed = True  # a PIN must be typed again

    @property
    def proof(self) -> PayerSession:
        """Return the session's proof, with the code that was typed last."""
        return PayerSession(code=gate.proved_by(self.request))

    @abstractmethod
    def paying(self) -> Contract:
        """Return the contract of the act."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        step = request.POST.get("step", "")
        if step not in {"fresh", "fresh_again"}:
            return super().post(request, pk)
        self.load(pk)
        form = self.make_form(request.POST if self.keeps_typed else None)
        if self.keeps_typed and not form.is_valid():
            return self.show(self.template, form=form)
        return self._ask_for_a_code(form) if step == "fresh_again" else self._fresh(form)

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        if isinstance(refusal, CodeNotFresh):
            return self._ask_for_a_code(form)
        return super().refused(form, refusal)

    def _ask_for_a_code(self, form: forms.Form) -> HttpResponse:
        contract, now = self.paying(), portal_clock.now()
        to = contract.contact_msisdn
        try:
            sent = codes.send(
                msisdn=to,
                purpose=PURPOSE,
                about=_about(contract),
                at=now,
                address=client_address(self.request) or "",
                known_browser=browsers.knows(self.request, to),
                sms=lambda digits: sms_of(
                    contract,
                    to,
                    "code_for_act",
                    {"code": digits, "asked": self._asked(contract)},
                    why=PURPOSE,
                    about="",
                    expires_at=now + CODE_LIVES,
                ),
            )
        except CodeRefused as refusal:
            return self._code_page(form, refusal=refusal.text())
        self.request.session[ASKED] = sent.pk
        return self._code_page(form)

    def _asked(self, contract: Contract) -> str:
        with override(contract.language):
            return str(self.title)

    def _fresh(self, form: forms.Form) -> HttpResponse:
        typed = FreshCodeForm(self.request.POST)
        if not typed.is_valid():
            return self._code_page(form, typed)
        contract, code = self.paying(), int(self.request.session.get(ASKED, 0))
        try:
            codes.check(
                code,
                msisdn=contract.contact_msisdn,
                purpose=PURPOSE,
                about=_about(contract),
                typed=typed.cleaned_data["fresh_code"],
                at=portal_clock.now(),
            )
        except CodeRefused as refusal:
            return self._code_page(form, refusal=refusal.text())
        gate.prove(self.request, code)
        del self.request.session[ASKED]
        if not self.keeps_typed:
            return self.show(self.template, form=self.make_form())
        return self.confirm(form)

    def _code_page(
        self, form: forms.Form, typed: forms.Form | None = None, refusal: str = ""
    ) -> HttpResponse:
        return self.show(
            "portal/fresh_code.html",
            form=form if self.keeps_typed else None,
            typed=self.typed(form) if self.keeps_typed else [],
            code_form=typed or FreshCodeForm(),
            refusal=refusal,
            to=phone.masked(self.paying().contact_msisdn),
        )


def _about(contract: Contract) -> str:
    return f"fresh {contract.pk}"
