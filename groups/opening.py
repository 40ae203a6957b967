"""A customer is opened for a task or for a reason, and either is recorded (docs/adr/0019).

Whoever shows a customer whole asks here first. What a task is, the rooms above know: they are asked
through CUSTOMER_TASK_PROVIDER.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from groups.models import Contract
from superfamilja.accounts.models import User
from superfamilja.act_page import ReasonForm
from superfamilja.audit import acts
from superfamilja.audit.models import Act
from superfamilja.text_field import LinesField

OPENED = "open_customer"
OPEN_FOR = timedelta(minutes=15)
REASON = "reason"

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Task:
    """Why nobody has to be asked: `how` the customer was found, or what lies to be done for him."""

    how: str
    reference: str = ""


class WhyForm(ReasonForm):
    """One question, nothing of the customer."""

    reason = LinesField(
        label=_("Why do you open this customer?"),
        help_text=_("It stands in the history beside your name."),
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        max_length=500,
    )


def opens_a_customer(view: View) -> View:
    """The page shows a customer whole: the view gets the contract once the opening is recorded.

    Without a task the page first asks for a reason, at the same address.
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
    at = timezone.now()
    if request.method == "POST":
        return _answered(request, contract, cast(User, request.user), at)
    return None if opens_for_a_task(request, contract, at) else _ask(request, contract, WhyForm())


def opens_for_a_task(request: HttpRequest, contract: Contract, at: datetime) -> bool:
    """Whether the customer is open to this person, or a task opens him now, which is recorded."""
    actor = cast(User, request.user)
    if is_open_to(actor, contract, at):
        return True
    task = _task_of(request, contract, at)
    if task:
        open_customer(contract=contract, actor=actor, at=at, task=task)
    return task is not None


def is_open_to(actor: User, contract: Contract, at: datetime) -> bool:
    """Whether this person opened the customer within the last quarter of an hour."""
    return Act.objects.filter(
        contract_number=contract.number, at__gt=at - OPEN_FOR, verb=OPENED, actor=actor
    ).exists()


@transaction.atomic
def open_customer(
    *, contract: Contract, actor: User, at: datetime, task: Task, reason: str = ""
) -> None:
    """Record who opens whom, and how he came to him: once a quarter of an hour, however many pages
    ask at once. Raises ReasonMissing when the task is none."""
    if task.how == REASON:
        acts.require_reason(actor, reason)
    # This person's own requests wait for each other, and nobody else's.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if is_open_to(actor, contract, at):
        return
    more = {"reference": task.reference} if task.reference else {}
    acts.record(
        OPENED, actor=actor, at=at, contract_number=contract.number, reason=reason, how=task.how,
        **more,
    )  # fmt: skip


def _answered(request: HttpRequest, contract: Contract, actor: User, at: datetime) -> HttpResponse:
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _ask(request, contract, form)
    reason = form.cleaned_data["reason"]
    open_customer(contract=contract, actor=actor, at=at, task=Task(REASON), reason=reason)
    return redirect(request.get_full_path())


def _ask(request: HttpRequest, contract: Contract, form: WhyForm) -> HttpResponse:
    return render(request, "staff/why.html", {"contract_number": contract.number, "form": form})


def _task_of(request: HttpRequest, contract: Contract, at: datetime) -> Task | None:
    task: Task | None = import_string(settings.CUSTOMER_TASK_PROVIDER)(request, contract, at)
    return task
