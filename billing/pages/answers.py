"""Answers of fixed billing: the list, one with what is wrong in it, and the acts on it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from billing.answers import problems, taking
from billing.models import AnswerState, BillingAnswer
from billing.pages.months import download, page_of
from superfamilja.accounts.site.act_page import ActPage, ReasonForm
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.uploads.limits import LARGEST_FILE
from superfamilja.web.form_layout import FieldsFormHelper

PAGE = 25
REJECTED_SHOWN = 100
MAY_READ = "billing.view_billinganswer"
MAY_TAKE = "billing.take_answer"
Rows = list[tuple[str | Promise, Any]]


class TakeAnswerForm(ReasonForm):
    """The answer as a file, and how it came."""

    helper = FieldsFormHelper("answer", "reason")

    answer = forms.FileField(
        label=_("Answer of fixed billing"),
        help_text=_("CSV or TXT in UTF-8, at most 20 MB. Put larger ones into the folder."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        allow_empty_file=True,  # the verb says what is wrong, in its own words
    )


@require_GET
@permission_required(MAY_READ, raise_exception=True)
def answer_list(request: HttpRequest) -> HttpResponse:
    """Every answer, newest first; `?waiting=1`: those that a person has to look into."""
    rows = BillingAnswer.objects.select_related("file").defer("content", "problems")
    waiting = request.GET.get("waiting") == "1"
    if waiting:
        rows = rows.waiting()
    page = page_of(request)
    start = (page - 1) * PAGE
    found = list(rows.order_by("-received_at", "-pk")[start : start + PAGE + 1])
    context = {"rows": found[:PAGE], "page": page, "has_more": len(found) > PAGE}
    return render(request, "staff/answers.html", context | {"waiting": waiting})


@require_GET
@permission_required(MAY_READ, raise_exception=True)
def answer_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer: its sums, what is wrong with it or what it rejected, and the ways out."""
    known = BillingAnswer.objects.select_related("file", "received_by", "closed_by")
    row = get_object_or_404(known.defer("content"), pk=pk)
    rejected = row.parked.select_related("contract").order_by("pk")[: REJECTED_SHOWN + 1]
    acts = []
    if row.waits and request.user.has_perm(MAY_TAKE):
        acts = [
            (reverse("read_answer_again", args=[pk]), ReadAgain.title),
            (reverse("look_into_answer", args=[pk]), LookInto.title),
        ]
    context = {
        "row": row,
        "problems": problems.shown(row.problems),
        "rejected": list(rejected)[:REJECTED_SHOWN],
        "has_more": len(rejected) > REJECTED_SHOWN,
        "acts": acts,
    }
    return render(request, "staff/answer.html", context)


@require_GET
@permission_required("billing.export_month", raise_exception=True)
def answer_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that came, once more."""
    answer = get_object_or_404(BillingAnswer, pk=pk)
    given = HttpResponse(taking.content_of(answer))
    download(given, f"answer-{answer.sha256[:12]}.csv", "text/csv")
    return given


@permission_required((MAY_TAKE, MAY_READ), raise_exception=True)
def take_answer(request: HttpRequest) -> HttpResponse:
    """Upload an answer. What is wrong with it is said on its page, where it is kept."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TakeAnswerForm(*sent)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            took = _take(request, form.cleaned_data)
        except Refusal as no:
            refusal = no.text()
        else:
            messages.success(request, str(_said(took)))
            return redirect("answer", took.answer.pk)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "staff/take_answer.html", {"form": form, "refusal": refusal}, status=status
    )


def _take(request: HttpRequest, cleaned: dict[str, Any]) -> taking.Taken:
    file: UploadedFile[Any] = cleaned["answer"]
    content = file.read(LARGEST_FILE + 1)
    # What was sent may be larger than what was kept of it (superfamilja/uploads/receiving.py).
    whole = content if max(len(content), file.size or 0) <= LARGEST_FILE else b""
    return taking.take_answer(
        content=whole,
        name=file.name or "",
        at=portal_clock.now(),
        actor=request.user,  # type: ignore[arg-type]  # the permission was asked for first
        reason=cleaned["reason"],
    )


def _said(took: taking.Taken) -> str | Promise:
    if not took.is_new:
        return _("This answer came before. Nothing was taken a second time.")
    if took.answer.state == AnswerState.TAKEN:
        return _("The answer is taken.")
    return _("Something is wrong with the answer. It is kept, and nothing of it counts.")


class AnswerAct(ActPage):
    """What the acts share: an answer that waits for a person."""

    permission_required = (MAY_TAKE, MAY_READ)
    row: BillingAnswer

    def load(self, pk: int) -> None:
        self.row = get_object_or_404(BillingAnswer.objects.select_related("file"), pk=pk)

    def back(self) -> tuple[str, str | Promise]:
        return reverse("answer", args=[self.row.pk]), _("Back to the answer")

    def subject(self) -> Rows:
        return [
            (_("Answer"), self.row.name),
            (_("Received"), timezone.localtime(self.row.received_at).strftime("%d.%m.%Y %H:%M")),
            (_("Problems found"), self.row.found),
        ]

    def require(self, cleaned: dict[str, Any]) -> None:
        taking.require_waiting(self.row)

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {
            "answer": self.row,
            "at": portal_clock.now(),
            "actor": self.actor,
            "reason": cleaned["reason"],
        }


class ReadAgain(AnswerAct):
    title = _("Read it again")
    button = _("Yes, read it again")
    consequence = _("It is judged by what is known now. If nothing is wrong any more, it is taken.")

    def perform(self, cleaned: dict[str, Any]) -> BillingAnswer:
        return taking.read_again(**self.said(cleaned))

    def after(self, outcome: BillingAnswer) -> HttpResponse:
        messages.success(self.request, str(_said(taking.Taken(outcome, is_new=True))))
        return redirect(self.back()[0])


class LookInto(AnswerAct):
    title = _("Close it without taking it")
    button = _("Yes, close it")
    consequence = _(
        "Nothing of it counts. Ask fixed billing for a right answer first: the lines still wait."
    )
    done = _("The answer is closed. Nothing of it counts.")

    def perform(self, cleaned: dict[str, Any]) -> BillingAnswer:
        return taking.look_into(**self.said(cleaned))
