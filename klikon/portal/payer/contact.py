"""Change the contact mobile, as the Fixed Leader, with codes to the old and the new number.

A payer who lost the old phone goes to a shop. Both codes are valid for these two numbers only.
Afterwards the old number's sessions are over, and this browser is signed in with the new one. A
contact that is not proven yet cannot prove another one (R31).
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, gettext_lazy, override

from groups import contact
from groups.models import ContactChange
from groups.proof import PayerSession
from klikon.leader import contact_proof
from klikon.portal.payer.act import PayerAct
from superfamilja.accounts.sign_in.lockout import client_address
from superfamilja.clock import portal_clock
from superfamilja.customers import browsers, codes, gate
from superfamilja.customers.forms import CodeField, NumberForm
from superfamilja.customers.models import CODE_LIVES
from superfamilja.customers.refusals import CodeWrong
from superfamilja.messages.outbox import sms_of
from superfamilja.refusal import Refusal
from superfamilja.values import phone

ASKED = "changing_contact"  # in the session: the contract, the new number, and the two codes
OLD, NEW = "contact_old", "contact_new"


class NewNumberForm(NumberForm):
    """The mobile that becomes the contact."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.fields["number"].label = gettext_lazy("Your new mobile number")
        self.fields["number"].error_messages["required"] = gettext_lazy("Type the new number.")


class BothCodesForm(forms.Form):
    """The two codes, each labelled with its number."""

    contact_old = CodeField()
    contact_new = CodeField()

    def __init__(self, before: str, after: str, *args: Any) -> None:
        super().__init__(*args)
        for name, number in ((OLD, before), (NEW, after)):
            self.fields[name].label = gettext("The code sent to %(number)s") % {
                "number": phone.masked(number)
            }


class ChangeOwnContact(PayerAct):
    form_class = NewNumberForm
    title = gettext_lazy("Change your contact number")
    template = "portal/contact.html"
    check_template = "portal/contact_codes.html"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        step = request.POST.get("step", "check")
        asked = request.session.get(ASKED, {})
        if step == "check":
            form = self.make_form(request.POST)
            if not form.is_valid():
                return self.show(self.template, form=form)
            return self._send(form.cleaned_data["number"])
        if asked.get("contract") != self.contract.pk:
            return self._just_done() or redirect("payer_changes_contact", self.contract.pk)
        if step == "again":
            return self._send(asked["after"])
        return self._confirm(asked)

    def _send(self, after: str) -> HttpResponse:
        before = self.contract.contact_msisdn
        asked = self.request.session.get(ASKED, {})
        try:
            if after == before:
                raise contact.SameContact
            if no := contact_proof.why_not_online(self.contract, portal_clock.now()):
                raise no
            sent = self._codes(before, after)
        except Refusal as refusal:
            if (asked.get("contract"), asked.get("after")) == (self.contract.pk, after):
                # the earlier codes are still valid
                return self._check_page(after, refusal=refusal.text())
            return self.show(
                self.template,
                form=self.make_form({"number": phone.spoken(after)}),
                refusal=refusal.text(),
            )
        self.request.session[ASKED] = {"contract": self.contract.pk, "after": after, **sent}
        return self._check_page(after)

    @transaction.atomic
    def _codes(self, before: str, after: str) -> dict[str, int]:
        """Send both codes or none, the lower number first: two people who swap never deadlock."""
        return {
            purpose: self._code(purpose, to, before, after)
            for to, purpose in sorted([(before, OLD), (after, NEW)])
        }

    def _code(self, purpose: str, to: str, before: str, after: str) -> int:
        now = portal_clock.now()
        sent = codes.send(
            msisdn=to,
            purpose=purpose,
            about=self._about(before, after),
            at=now,
            address=client_address(self.request) or "",
            known_browser=browsers.knows(self.request, to),
            sms=lambda digits: sms_of(
                self.contract,
                to,
                "code_for_contact",
                {"code": digits, "before": before, "after": after},
                why="change_contact",
                about="",
                expires_at=now + CODE_LIVES,
            ),
        )
        return sent.pk

    def _confirm(self, asked: dict[str, Any]) -> HttpResponse:
        before, after = self.contract.contact_msisdn, asked["after"]
        form = BothCodesForm(before, after, self.request.POST)
        if not form.is_valid():
            return self._check_page(after, form)
        try:
            self.perform({**form.cleaned_data, "asked": asked})
        except CodeWrong as refusal:
            for purpose in refusal.details["wrong"]:
                form.add_error(purpose, refusal.text())
            return self._check_page(after, form)
        except Refusal as refusal:
            return self._check_page(after, form, refusal=refusal.text())
        return self._changed(after, asked[NEW])

    def perform(self, cleaned: dict[str, Any]) -> ContactChange:
        """Use both codes up, those of the session that were `asked`, and change the contact."""
        before, asked = self.contract.contact_msisdn, cleaned["asked"]
        after, about = asked["after"], self._about(before, asked["after"])
        codes.check_all(
            [
                codes.Typed(asked[purpose], number, purpose, cleaned[purpose], about)
                for purpose, number in ((OLD, before), (NEW, after))
            ],
            at=portal_clock.now(),
        )
        return contact.change_contact(
            contract=self.contract,
            msisdn=after,
            known=before,
            evidence=self._evidence(),
            proof=PayerSession(code=asked[OLD]),
            at=portal_clock.now(),
        )

    def _just_done(self) -> HttpResponse | None:
        """Answer a second tap like the first."""
        made = self.contract.contact_changes.filter(
            after=self.contract.contact_msisdn, changed_at__gt=portal_clock.now() - CODE_LIVES
        )
        return redirect("payer", self.contract.pk) if made.exists() else None

    def _changed(self, after: str, code: int) -> HttpResponse:
        del self.request.session[ASKED]
        gate.begin_anew(self.request, after, code)
        messages.success(
            self.request,
            gettext(
                "Your contact number is changed. You are signed in with the new number; the old "
                "one opens this contract no longer. Both numbers are told by SMS."
            ),
        )
        response = redirect("payer", self.contract.pk)
        browsers.remember(self.request, response, after)
        return response

    def _check_page(
        self, after: str, form: forms.Form | None = None, refusal: str | None = None
    ) -> HttpResponse:
        form = form or BothCodesForm(self.contract.contact_msisdn, after)
        return self.show(self.check_template, form=form, refusal=refusal, after=after)

    def show(self, template: str, **context: Any) -> HttpResponse:
        return super().show(template, contract=self.contract, **context)

    def _evidence(self) -> str:
        with override(self.contract.language):
            return gettext("code by SMS to both numbers")

    def _about(self, before: str, after: str) -> str:
        """Return what binds a code to this contract and these two numbers without naming them."""
        both = salted_hmac("klikon.portal.payer.contact", f"{before}|{after}", algorithm="sha256")
        return f"contact {self.contract.pk} {both.hexdigest()[:32]}"
