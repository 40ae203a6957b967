"""Staff acts on one charge: give a credit, reverse it. Each page calls one verb."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing import outcomes
from billing.credits import give_credit, require_creditable
from billing.models import Charge, Credit
from billing.pages.charge_forms import CreditForm
from superfamilja.accounts.site.act_page import ContractActPage
from superfamilja.clock import portal_clock
from superfamilja.values.lek import lek
from superfamilja.values.months import month_label

Rows = list[tuple[str | Promise, Any]]


class ChargeAct(ContractActPage):
    """Base of the acts on a charge: the charge, its contract, and its month's bill."""

    charge: Charge

    def load(self, pk: int) -> None:
        charges: QuerySet[Charge] = Charge.objects.select_related("contract")
        self.charge = get_object_or_404(charges, pk=pk)

    def contract_id(self) -> int:
        return self.charge.contract_id

    def subject(self) -> Rows:
        charge = self.charge
        return [
            (_("Contract"), charge.contract.number),
            (_("Fixed Leader"), charge.contract.owner_name),
            (_("Charge"), f"{charge.reference}, {charge.text}"),
            (_("Month"), month_label(charge.month)),
            (_("Amount"), lek(charge.amount_lek)),
            (_("State"), charge.get_state_display()),
            (_("Credited before"), lek(charge.credited_lek)),
        ]


class GiveCredit(ChargeAct):
    """Give a goodwill credit (R13, E15). The form's key makes a double click one credit (R21)."""

    permission_required = ("billing.give_credit", "groups.view_contract")
    form_class = CreditForm
    title = _("Give a credit")
    button = _("Yes, give this credit")
    consequence = _(
        "The credit lowers this month's bill. It does not give room back: what may still be spent "
        "this month stays as it is."
    )
    done = _("The credit is given.")

    def shown(self, form: forms.Form, name: str) -> Any:
        value = super().shown(form, name)
        return lek(value) if name == "amount_lek" else value

    def require(self, cleaned: dict[str, Any]) -> None:
        require_creditable(self.charge, cleaned["amount_lek"])

    def perform(self, cleaned: dict[str, Any]) -> Credit:
        return give_credit(charge=self.charge, at=portal_clock.now(), actor=self.actor, **cleaned)


class ReverseCharge(ChargeAct):
    """Reverse the whole charge (R13)."""

    permission_required = ("billing.reverse_charge", "groups.view_contract")
    title = _("Reverse the charge")
    button = _("Yes, reverse the whole charge")
    consequence = _(
        "The whole amount comes off the bill. In an open month its room comes back; when the month "
        "is closed, the amount is credited on the open month's bill."
    )
    done = _("The charge is taken back.")

    def require(self, cleaned: dict[str, Any]) -> None:
        outcomes.require_reversible(self.charge)

    def perform(self, cleaned: dict[str, Any]) -> Charge:
        return outcomes.reverse(
            reference=self.charge.reference,
            at=portal_clock.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )
