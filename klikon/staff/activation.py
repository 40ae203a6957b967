"""Activate at the Mobile Leader's request (R2): choose, check, confirm, done."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from groups.models import Membership
from groups.proof import RecordedCall, require_recorded
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.quote import leader_of, quote
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.catalogue.prices import price_elsewhere
from klikon.models import Activation, Channel, LeaderAssignment
from klikon.provisioning.line import breaker
from klikon.provisioning.models import OrderState
from klikon.reading import overview
from klikon.reading.activation_page import ActivationSteps
from klikon.reading.bar import Bar, Block
from klikon.staff.act import GroupAct
from klikon.staff.forms import ActivateForm
from superfamilja.clock import portal_clock
from superfamilja.messages import templates
from superfamilja.messages.models import OutgoingMessage
from superfamilja.values.months import bill_month, month_of


class ActivateOnBehalf(ActivationSteps, GroupAct):
    """Activate for one member at a time, because each has their own packages and promotions."""

    permission_required = ("klikon.activate_on_behalf", "groups.view_contract")
    template = "staff/activation_choose.html"
    check_template = "staff/activation_check.html"
    done_page = "activation_done"
    title = _("Activate a Super package")
    members: list[Membership]
    leader: LeaderAssignment | None
    member: Membership

    def load(self, pk: int) -> None:
        super().load(pk)
        self.at = portal_clock.now()
        self.members = list(self.group.memberships.current().order_by("seat"))
        self.leader = leader_of(self.group)
        self.member = self._member_asked_for()
        self._quote()

    @property
    def client(self) -> str:
        return f"staff-{self.actor.pk}"

    def make_form(self, *args: Any) -> ActivateForm:
        return ActivateForm(self.member, self.quoted, *args)

    def require(self, cleaned: dict[str, Any]) -> None:
        require_recorded(RecordedCall(call=cleaned["call"]))

    def perform(self, cleaned: dict[str, Any]) -> Activation | WaitingForTheFixedLeader:
        if self.leader is None:  # R2: there is nobody whose request it could be
            raise refusals.NotTheLeader
        return activate(
            leader=self.leader.member.msisdn,
            member=self.member.msisdn,
            package=cleaned["package"],
            at=self.at,
            channel=Channel.STAFF,
            client=self.client,
            key=cleaned["key"],
            repeat_confirmed=cleaned["repeat_confirmed"],
            charged_lek=cleaned["charged_lek"],
            actor=self.actor,
            reason=cleaned["reason"],
            proof=RecordedCall(call=cleaned["call"]),
        )

    def show(self, template: str, **context: Any) -> HttpResponse:
        context.setdefault("bar", self._bar())
        if "row" in context:
            typed = context["form"].cleaned_data
            context["reason"] = f"{typed['call']}: {typed['reason']}"
        month = month_of(self.at)
        return super().show(
            template,
            contract=self.group.contract,
            leader=self.leader,
            members=self.members,
            member=self.member,
            quoted=self.quoted,
            month=month,
            on_bill=bill_month(month),
            **context,
        )

    def _quote(self) -> None:
        leader = self.leader.member.msisdn if self.leader else ""
        self.quoted = quote(
            group=self.group, leader=leader, member=self.member, at=self.at, channel=Channel.STAFF
        )

    def _bar(self, new: Block | None = None) -> Bar:
        return overview.month_bar(self.contract_id(), self.quoted.cap_lek, self.at, new)

    def _member_asked_for(self) -> Membership:
        """Return the member that was asked for, by default the leader."""
        asked = self.request.POST.get("member") or self.request.GET.get("member")
        leading = [m for m in self.members if self.leader and m.pk == self.leader.member_id]
        found = [m for m in self.members if str(m.pk) == asked] if asked else leading
        if not asked:
            found += self.members
        if not found:
            raise Http404
        return found[0]


@permission_required("klikon.activate_on_behalf", raise_exception=True)
def activation_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the activation's reference, its charge, and the bill that it goes on."""
    activation = get_object_or_404(
        Activation.objects.select_related(
            "contract", "member", "leader", "package", "charge__entry", "terms", "order"
        ),
        pk=pk,
    )
    bar = overview.month_bar(
        activation.contract_id, activation.terms.cap_lek, activation.accepted_at
    )
    context = {
        "activation": activation,
        "bar": bar,
        "told": _told(activation),
        "order": activation.order,
        "arrives_later": activation.order.state == OrderState.ORDERED
        and breaker.is_down(portal_clock.now()),
        "set_aside": price_elsewhere(activation.list_price_lek, activation.promotions_set_aside),
        "seat": overview.seat_of(activation.member),
        "month": activation.month,
        "on_bill": bill_month(activation.month),
    }
    return render(request, "staff/activation_done.html", context)


def _told(activation: Activation) -> list[tuple[OutgoingMessage, str]]:
    """R23: return the SMS of this activation, each with its words."""
    found = OutgoingMessage.objects.filter(about=activation.reference).order_by("pk")
    return [(m, m.text or templates.render(m.template, m.language, m.parameters)) for m in found]
