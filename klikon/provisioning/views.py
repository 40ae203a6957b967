"""Staff's decisions on one order; each page calls one verb of decisions.py."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klikon.provisioning import decisions
from klikon.provisioning.models import Order
from superfamilja.accounts.site.act_page import ContractActPage
from superfamilja.clock import portal_clock
from superfamilja.values.lek import lek
from superfamilja.values.months import month_label
from superfamilja.values.phone import spoken

Rows = list[tuple[str | Promise, Any]]


class OrderAct(ContractActPage):
    """Base of the decisions: the order, its contract and member, its state."""

    permission_required = ("provisioning.decide_order", "provisioning.view_order")
    order: Order

    def load(self, pk: int) -> None:
        orders: QuerySet[Order] = Order.objects.select_related(
            "activation__contract",
            "activation__member",
            "activation__package",
            "activation__charge",
        )
        self.order = get_object_or_404(orders, pk=pk)

    def contract_id(self) -> int:
        return self.order.activation.contract_id

    def subject(self) -> Rows:
        activation = self.order.activation
        return [
            (_("Order"), self.order.reference),
            (_("Contract"), activation.contract.number),
            (_("Member"), f"{activation.member.name}, {spoken(activation.member.msisdn)}"),
            (_("Package"), activation.package.name),
            (_("Charged"), f"{lek(activation.charged_lek)}, {month_label(activation.month)}"),
            (_("Charge"), activation.charge.get_state_display()),
            (_("State"), self.order.get_state_display()),
        ]

    def require(self, cleaned: dict[str, Any]) -> None:
        decisions.require_open_to_people(self.order)

    def after(self, outcome: Any) -> HttpResponse:
        messages.success(self.request, str(self.done))
        return redirect("admin:provisioning_order_change", self.order.pk)

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of every decision: which order, who, when, why."""
        return {
            "order": self.order,
            "actor": self.actor,
            "at": portal_clock.now(),
            "reason": cleaned["reason"],
        }


class MarkDone(OrderAct):
    title = _("Mark as delivered")
    button = _("Yes, the member has it")
    consequence = _("The charge stands and goes on the fixed bill. Nobody asks any more.")
    done = _("The order is marked as delivered.")

    def perform(self, cleaned: dict[str, Any]) -> Order:
        return decisions.mark_done(**self.said(cleaned))


class ReverseOrder(OrderAct):
    title = _("Reverse the order")
    button = _("Yes, reverse it")
    consequence = _(
        "The whole charge is taken back; in an open month its room comes back. Member, Mobile "
        "Leader and Fixed Leader are told by SMS."
    )
    done = _("The order is reversed.")

    def perform(self, cleaned: dict[str, Any]) -> Order:
        return decisions.reverse(**self.said(cleaned))


class AskAgain(OrderAct):
    title = _("Ask again")
    button = _("Yes, ask the charging system again")
    consequence = _("The charging system is asked now. If it is silent, the order comes back here.")
    done = _("The charging system is asked again.")

    def perform(self, cleaned: dict[str, Any]) -> Order:
        return decisions.ask_again(**self.said(cleaned))


class SettleDelivered(OrderAct):
    title = _("Settle the charge")
    button = _("Yes, settle it")
    consequence = _("The package was delivered, so its charge stands and goes on the fixed bill.")
    done = _("The charge is settled.")

    def require(self, cleaned: dict[str, Any]) -> None:
        decisions.require_unsettled(self.order)

    def perform(self, cleaned: dict[str, Any]) -> Order:
        return decisions.settle_delivered(**self.said(cleaned))
