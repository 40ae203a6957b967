"""The ways out for a line that fixed billing rejected: sent again, or credited."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.answers import rejected
from billing.models import CreditSentence, ParkedEntry
from billing.month import parked
from billing.pages.parked import CREDIT, SEND_AGAIN, ParkedAct, Rows
from superfamilja.accounts.site.act_page import ReasonForm
from superfamilja.values.lek import lek
from superfamilja.web.form_layout import FieldsFormHelper


class CreditParkedForm(ReasonForm):
    """What the customer reads of it, and why."""

    helper = FieldsFormHelper("told", "reason")

    told = forms.ChoiceField(
        label=_("What the customer reads"),
        help_text=_("On the bill and in the portal. The reason below stays inside."),
        choices=[("", "…"), *CreditSentence.choices],
        error_messages={"required": _("Choose what the customer reads.")},
    )


class RejectedAct(ParkedAct):
    """An entry whose line fixed billing rejected, with what it comes to."""

    def subject(self) -> Rows:
        return [*super().subject(), (_("Amount"), lek(self.row.entry.total_lek))]

    def require(self, cleaned: dict[str, Any]) -> None:
        super().require(cleaned)
        parked.require_rejected(self.row)


class SendAgain(RejectedAct):
    title = SEND_AGAIN
    button = _("Yes, send it again")
    consequence = _(
        "The same amount goes into the next supplement. First see to it that fixed billing can "
        "take it: otherwise it is rejected again."
    )
    done = _("The entry goes into the next supplement.")

    def perform(self, cleaned: dict[str, Any]) -> ParkedEntry:
        return rejected.send_again(**self.said(cleaned))


class CreditParked(RejectedAct):
    form_class = CreditParkedForm
    permission_required = (
        "billing.resolve_parked",
        "billing.give_credit",
        "billing.view_parkedentry",
    )
    title = CREDIT
    button = _("Yes, credit it")
    consequence = _(
        "Its charges are credited in their own month, which was not billed. No other bill is "
        "lowered by it, and fixed billing gets nothing more of it."
    )
    done = _("The entry is credited; it is not billed.")

    def require(self, cleaned: dict[str, Any]) -> None:
        super().require(cleaned)
        rejected.require_creditable(self.row)

    def perform(self, cleaned: dict[str, Any]) -> ParkedEntry:
        return rejected.credit_rejected(**self.said(cleaned), told=cleaned["told"])
