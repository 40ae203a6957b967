"""Staff pages of questions and complaints: the list, one conversation, and the acts on it.

The list has a clock. Each act calls one verb.
"""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from billing import disputes
from billing.models import Credit, Dispute, Reversal
from billing.pages.charge_acts import ChargeAct, Rows
from billing.pages.question_forms import AnswerForm, ComplaintForm, QuestionForm
from superfamilja.accounts.site.act_page import ContractActPage
from superfamilja.clock import portal_clock
from superfamilja.values.lek import lek
from superfamilja.values.months import local_date
from superfamilja.web.read_only import link

PAGE = 20


@require_GET
@permission_required("billing.view_dispute", raise_exception=True)
def questions_page(request: HttpRequest) -> HttpResponse:
    """List the open questions, the longest wait first."""
    standing = Dispute.objects.standing().select_related("contract", "charge")
    page = Paginator(standing, PAGE).get_page(request.GET.get("page"))
    today = local_date(portal_clock.now())
    rows = [(dispute, dispute.is_overdue(today)) for dispute in page]
    return render(request, "staff/questions.html", {"page": page, "rows": rows})


@require_GET
@permission_required("billing.view_dispute", raise_exception=True)
def question_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one question: the charge, the evidence, the conversation, and what can be done."""
    dispute = _dispute(pk)
    evidence: Model | None = import_string(settings.CHARGE_EVIDENCE_PROVIDER)(dispute.charge)
    context = {
        "dispute": dispute,
        "charge": dispute.charge,
        "recognition": getattr(dispute.charge, "recognition", None),
        "evidence": link(evidence),
        "is_overdue": dispute.is_overdue(local_date(portal_clock.now())),
        "complaint_until": disputes.complaint_until(dispute.charge),
        "conversation": dispute.conversation.select_related(
            "author", "credit", "reversal"
        ).order_by("pk"),
    }
    return render(request, "staff/question.html", context)


def _dispute(pk: int) -> Dispute:
    found: QuerySet[Dispute] = Dispute.objects.select_related(
        "contract", "charge__entry", "charge__recognition", "taken_down_by", "closed_by"
    )
    return get_object_or_404(found, pk=pk)


class TakeDownQuestion(ChargeAct):
    """Take down a question that came by telephone or in a shop."""

    permission_required = ("billing.take_down_question", "groups.view_contract")
    form_class = QuestionForm
    title = _("Take down a question")
    button = _("Yes, take down this question")
    consequence = _(
        "The question gets a reference, which you tell the Fixed Leader, and is answered within 15 "
        "days. If one is open about this charge, this is added to it."
    )

    def perform(self, cleaned: dict[str, Any]) -> Dispute:
        return disputes.ask(charge=self.charge, at=portal_clock.now(), actor=self.actor, **cleaned)

    def after(self, outcome: Dispute) -> HttpResponse:
        said = _("The question is taken down. Its reference: %(reference)s")
        messages.success(self.request, said % {"reference": outcome.reference})
        return redirect("question", pk=outcome.pk)


class DisputeAct(ContractActPage):
    """Base of the acts on one question."""

    dispute: Dispute

    def load(self, pk: int) -> None:
        self.dispute = _dispute(pk)

    def contract_id(self) -> int:
        return self.dispute.contract_id

    def subject(self) -> Rows:
        dispute, charge = self.dispute, self.dispute.charge
        return [
            (_("Reference"), f"{dispute.reference}, {dispute.kind}"),
            (_("Contract"), dispute.contract.number),
            (_("Fixed Leader"), dispute.contract.owner_name),
            (_("Charge"), f"{charge.reference}, {charge.text}, {lek(charge.amount_lek)}"),
        ]

    def after(self, outcome: Any) -> HttpResponse:
        messages.success(self.request, str(self.done))
        return redirect("question", pk=self.dispute.pk)


class MakeComplaint(DisputeAct):
    permission_required = ("billing.take_down_question", "billing.view_dispute")
    form_class = ComplaintForm
    title = _("Make it a complaint")
    button = _("Yes, it is a complaint")
    consequence = _("A complaint is answered in writing within 15 days. It stays a complaint.")
    done = _("It is a complaint now.")

    def require(self, cleaned: dict[str, Any]) -> None:
        disputes.require_complainable(self.dispute, portal_clock.now())

    def perform(self, cleaned: dict[str, Any]) -> Dispute:
        return disputes.make_complaint(
            dispute=self.dispute, at=portal_clock.now(), actor=self.actor, **cleaned
        )


class AnswerQuestion(DisputeAct):
    permission_required = ("billing.answer_question", "billing.view_dispute")
    title = _("Answer")
    button = _("Yes, send this answer")
    consequence = _("The Fixed Leader is told by SMS that the answer is there, and reads it whole.")
    done = _("The answer is given.")

    def require(self, cleaned: dict[str, Any]) -> None:
        disputes.require_open(self.dispute)

    def make_form(self, *args: Any) -> AnswerForm:
        return AnswerForm(self.dispute.charge, *args)

    def subject(self) -> Rows:
        last = self.dispute.conversation.exclude(said="answer").order_by("-pk").first()
        return [*super().subject(), (_("Last said"), last.text if last else "—")]

    def perform(self, cleaned: dict[str, Any]) -> Dispute:
        return disputes.answer(
            dispute=self.dispute,
            text=cleaned["text"],
            key=cleaned["key"],
            at=portal_clock.now(),
            actor=self.actor,
            correction=self._given(cleaned.get("correction", "")),
        )

    def _given(self, chosen: str) -> Credit | Reversal | None:
        kind, _dash, pk = chosen.partition("-")
        models: dict[str, type[Credit] | type[Reversal]] = {"credit": Credit, "reversal": Reversal}
        model = models.get(kind)
        return cast(Any, model).objects.get(pk=pk) if model else None


class CloseQuestion(DisputeAct):
    permission_required = ("billing.answer_question", "billing.view_dispute")
    title = _("Close the question")
    button = _("Yes, close it")
    consequence = _("Nothing more is written to it. The Fixed Leader can ask a new question.")
    done = _("The question is closed.")

    def require(self, cleaned: dict[str, Any]) -> None:
        disputes.require_answered(self.dispute)

    def perform(self, cleaned: dict[str, Any]) -> Dispute:
        return disputes.close(
            dispute=self.dispute, at=portal_clock.now(), actor=self.actor, reason=cleaned["reason"]
        )
