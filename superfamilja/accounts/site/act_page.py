"""Lead through an act in three steps on one address: fill in, check, confirm.

The form checks shape; the verb decides. The page shows a refusal above the form and keeps what was
typed. Only the confirmation writes, and only by POST.
"""

import re
import secrets
from abc import ABC, abstractmethod
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View

from superfamilja.accounts.models import User
from superfamilja.refusal import Refusal
from superfamilja.values.text_field import LinesField
from superfamilja.web.form_layout import LaidOutForm


class ReasonForm(LaidOutForm):
    """The reason, which staff give for every act."""

    reason = LinesField(
        label=_("Reason"),
        help_text=_("It stands in the history beside your name."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


_KEY = re.compile(r"[A-Za-z0-9_-]{32,64}")


def new_key() -> str:
    """Return a new key for one intention, however often its form is sent (R21)."""
    return secrets.token_urlsafe(24)


class KeyedForm(ReasonForm):
    """A form whose key makes a second sending the same request (R21)."""

    key = forms.CharField(widget=forms.HiddenInput, initial=new_key)

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not _KEY.fullmatch(key):
            raise forms.ValidationError(_("This page is no longer valid. Begin anew."))
        return key


class Steps(ABC, View):
    """Base of three-step acts; subclasses load the subject, show it and call the verb."""

    form_class: type[forms.Form]
    frame = "look/page.html"
    template = "look/act.html"
    check_template = "look/act_check.html"
    title: ClassVar[str | Promise]
    button: ClassVar[str | Promise]
    consequence: ClassVar[str | Promise] = ""
    done: ClassVar[str | Promise] = ""

    @abstractmethod
    def load(self, pk: int) -> None:
        """Find the subject, or raise Http404."""

    @abstractmethod
    def back(self) -> tuple[str, str | Promise]:
        """Return address and name of the page that follows this act, done or not."""

    def subject(self) -> list[tuple[str | Promise, Any]]:
        """Return label and value of each fact about the act's subject."""
        return []

    def typed(self, form: forms.Form) -> list[tuple[str | Promise, Any]]:
        """Return label and value of what was typed, as it will be recorded."""
        return [(field.label, self.shown(form, field.name)) for field in form.visible_fields()]

    def shown(self, form: forms.Form, name: str) -> Any:
        value = form.cleaned_data[name]
        choices = dict(getattr(form.fields[name], "choices", []))
        return choices.get(value, value)

    def require(self, cleaned: dict[str, Any]) -> None:
        """Raise what the verb would refuse now, by running its own preconditions read-only."""

    @abstractmethod
    def perform(self, cleaned: dict[str, Any]) -> Any:
        """Call the verb. May raise a Refusal."""

    def make_form(self, *args: Any) -> forms.Form:
        return self.form_class(*args)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        return self.show(self.template, form=self.make_form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        form = self.make_form(request.POST)
        step = request.POST.get("step", "check")
        if not form.is_valid() or step == "back":
            return self.show(self.template, form=form)
        if step == "confirm":
            return self.confirm(form)
        return self.check(form)

    def check(self, form: forms.Form) -> HttpResponse:
        try:
            self.require(form.cleaned_data)
        except Refusal as refusal:
            return self.refused(form, refusal)
        return self.show(self.check_template, form=form, typed=self.typed(form))

    def confirm(self, form: forms.Form) -> HttpResponse:
        try:
            outcome = self.perform(form.cleaned_data)
        except Refusal as refusal:
            return self.refused(form, refusal)
        return self.after(outcome)

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        return self.show(self.template, form=form, refusal=refusal.text())

    def after(self, outcome: Any) -> HttpResponse:
        messages.success(self.request, str(self.done))
        return redirect(self.back()[0])

    def show(self, template: str, **context: Any) -> HttpResponse:
        return render(
            self.request,
            template,
            {"page": self, "back": self.back(), "subject": self.subject(), **context},
        )


class ActPage(PermissionRequiredMixin, Steps):
    """An act of staff: checks the permission first and always asks for a reason."""

    form_class: type[forms.Form] = ReasonForm
    raise_exception = True

    @property
    def actor(self) -> User:
        """Return the acting person, who is signed in because the permission was checked first."""
        return cast(User, self.request.user)


class ContractActPage(ActPage):
    """An act of staff on one contract; the contract's page follows it."""

    @abstractmethod
    def contract_id(self) -> int:
        """Return the contract whose page this act belongs to."""

    def back(self) -> tuple[str, str | Promise]:
        return reverse("contract", args=[self.contract_id()]), _("Back to the contract")
