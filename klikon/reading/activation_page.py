"""The pages of an activation: choose, check, confirm, done.

Staff (staff/activation.py) and the Mobile Leader's portal (portal/leader.py) add the member, the
channel and the next page. Keys, refusals and repetitions work the same for both.
"""

from abc import abstractmethod
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from groups.models import Membership
from klikon.activation import refusals
from klikon.activation.quote import Quote, Row
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.models import Activation
from klikon.reading.bar import Bar, Block
from superfamilja.accounts.site.act_page import Steps, new_key
from superfamilja.clock import portal_clock
from superfamilja.data.database import required
from superfamilja.refusal import Refusal

# Fields that only the check page sends: the yes to a repetition (R25) and the shown price (R6).
CHECKED = {"repeat_confirmed", "charged_lek"}


class ActivationSteps(Steps):
    """Base of the activation's steps.

    Subclasses set `at`, `member`, `quoted`, the `client` of the key (R21) and the `done_page` of an
    activation. They refresh `quoted` in `_quote` and draw the month in `_bar`.
    """

    at: datetime
    member: Membership
    quoted: Quote
    done_page: str

    @property
    @abstractmethod
    def client(self) -> str:
        """Return the namespace of this page's keys (R21)."""

    def check(self, form: forms.Form) -> HttpResponse:
        """Show what will happen, or the answer that this key already has (back button, R21)."""
        return self._check(form)

    def _check(self, form: forms.Form, changed: str = "") -> HttpResponse:
        cleaned = form.cleaned_data
        done = Activation.objects.filter(client=self.client, key=cleaned["key"]).first()
        if done and (done.member_id, done.package_code) == (self.member.pk, cleaned["package"]):
            return self.after(done)
        if done:
            form = self._with_new_key(form)
        try:
            self.require(cleaned)
        except Refusal as no:
            return self.refused(form, no)
        if self.quoted.refusal:
            return self.refused(form, self.quoted.refusal)
        row = required(self.quoted.row(cleaned["package"]))  # the form knows no other packages
        if row.refusal:
            return self.refused(form, row.refusal)
        bar = self._bar(self._new(row))
        seen = {"row": row, "bar": bar, "called": self._called(), "changed": changed}
        return self.show(self.check_template, form=form, **seen)

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        """Show the refusal. A new try is a new request and gets a new key (R21)."""
        form = self._with_new_key(form)
        if isinstance(refusal, refusals.RepeatNotConfirmed):  # R25: the check page asks
            self._quote()
            return self.check(form)
        if isinstance(refusal, refusals.PriceChanged):  # R6: ask again, with the new price
            self.at = portal_clock.now()
            self._quote()
            return self._check(form, refusal.text())
        return super().refused(form, refusal)

    def after(self, outcome: Activation | WaitingForTheFixedLeader) -> HttpResponse:
        """Go to the page of the activation, or back with the word that it waits (R28)."""
        if isinstance(outcome, WaitingForTheFixedLeader):
            messages.success(self.request, outcome.text())
            return redirect(self.back()[0])
        return redirect(self.done_page, pk=outcome.pk)

    @abstractmethod
    def _quote(self) -> None:
        """Set `quoted` as of `at`."""

    @abstractmethod
    def _bar(self, new: Block | None = None) -> Bar:
        """Draw the month, with `new` as the block that the activation would add."""

    def _new(self, row: Row) -> Block:
        """Return the block that the activation would add, with this page's name for the member."""
        return Block(
            row.price.charged_lek, self._called(), self.member.seat, row.package.name, is_new=True
        )

    def _called(self) -> str:
        return self.member.name

    def _with_new_key(self, form: forms.Form) -> forms.Form:
        typed: dict[str, Any] = {n: form.data[n] for n in form.data if n not in CHECKED}
        again = self.make_form({**typed, "key": new_key()})
        again.is_valid()
        return again
