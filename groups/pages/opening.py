"""Ask before a customer is shown whole: is there a task, or what is the reason?

Every view that shows a customer whole asks here first. The rooms above know what a task is;
CUSTOMER_TASK_PROVIDER names the function.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from groups.models import Contract
from groups.opening import REASON, Task, WhyOpened, is_open_to, open_customer
from superfamilja.accounts.models import User
from superfamilja.accounts.stores.store_choice import FirstInFocus
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values.text_field import LinesField

View = Callable[..., HttpResponseBase]


class WhyForm(forms.Form):
    """A kind of reason, and its exact words; no data of the customer."""

    why = forms.ChoiceField(
        label=_("Why do you open this customer?"),
        choices=WhyOpened,
        widget=FirstInFocus,
        error_messages={"required": _("Choose one of the reasons.")},
    )
    reason = LinesField(
        label=_("What exactly?"),
        help_text=_(
            "A sentence with the number of the letter or the case; or a reference of this customer "
            "alone, as SQ-7. It stands in the history beside your name."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


def opens_a_customer(view: View) -> View:
    """Let a view show a customer whole only after the opening is recorded.

    Without a task the page first asks for a reason, at the same address. Then the view receives the
    contract.
    """

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        contract = get_object_or_404(Contract, pk=pk)
        asked = asked_first(request, contract)
        return view(request, contract, *args, **kwargs) if asked is None else asked

    return guarded


def asked_first(request: HttpRequest, contract: Contract) -> HttpResponse | None:
    """The question why the customer is opened, or what becomes of its answer; None when he is open
    to this person, or a task opens him now, which is recorded."""
    at = portal_clock.now()
    if request.method == "POST":
        return _answered(request, contract, cast(User, request.user), at)
    return None if opens_for_a_task(request, contract, at) else _ask(request, contract, WhyForm())


def opens_for_a_task(request: HttpRequest, contract: Contract, at: datetime) -> bool:
    """Return whether the customer is open to this person, or a task opens them now (recorded)."""
    actor = cast(User, request.user)
    if is_open_to(actor, contract, at):
        return True
    task = _task_of(request, contract, at)
    if task:
        open_customer(contract=contract, actor=actor, at=at, task=task)
    return task is not None


def _answered(request: HttpRequest, contract: Contract, actor: User, at: datetime) -> HttpResponse:
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _ask(request, contract, form)
    reason = form.cleaned_data["reason"]
    named = _reference_in(request, contract, reason)
    task = Task(REASON, named, form.cleaned_data["why"])
    try:
        open_customer(contract=contract, actor=actor, at=at, task=task, reason=reason)
    except Refusal as refusal:
        form.add_error("reason", refusal.text())
        return _ask(request, contract, form)
    return redirect(request.get_full_path())


def _ask(request: HttpRequest, contract: Contract, form: WhyForm) -> HttpResponse:
    return render(request, "staff/why.html", {"contract_number": contract.number, "form": form})


def _reference_in(request: HttpRequest, contract: Contract, text: str) -> str:
    find: Callable[..., str] = import_string(settings.CUSTOMER_REFERENCE_PROVIDER)
    return find(request, contract, text)


def _task_of(request: HttpRequest, contract: Contract, at: datetime) -> Task | None:
    task: Task | None = import_string(settings.CUSTOMER_TASK_PROVIDER)(request, contract, at)
    return task
