"""The Mobile Leader's pages: the members, what each has, and the activation."""

from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from groups import terms
from groups.models import Membership
from klikon.activation.activate import activate
from klikon.activation.quote import Quote, quote
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import leadership
from klikon.models import Activation, Channel, LeaderAssignment, WaitingRequest
from klikon.portal import scope
from klikon.portal.payer.family_act import FamilyAct
from klikon.reading import overview
from klikon.reading.activation_page import ActivationSteps
from klikon.reading.active import active_packages
from klikon.reading.bar import Bar, Block
from superfamilja.accounts.site.act_page import new_key
from superfamilja.clock import portal_clock
from superfamilja.customers.gate import FamilyRequest, family_required
from superfamilja.values.lek_field import LekField
from superfamilja.values.months import bill_month, month_of


@family_required
def home(request: FamilyRequest) -> HttpResponse:
    """Show the members, what each has and until when, and what may still be spent."""
    leader = scope.leadership_of(request)
    now = portal_clock.now()
    members = list(leader.group.memberships.current().order_by("seat"))
    in_force = terms.in_force(leader.group, now)
    quoted = quote(
        group=leader.group,
        leader=leader.member.msisdn,
        member=leader.member,
        at=now,
        channel=Channel.WEB,
    )
    return render(
        request,
        "portal/leader.html",
        {
            "leader": leader,
            "people": active_packages(members, now),
            "waiting": WaitingRequest.objects.waiting(now)
            .filter(group=leader.group)
            .select_related("member", "package"),
            "quoted": quoted,
            "bar": overview.month_bar(leader.group.contract_id, in_force.cap_lek, now, family=True),
            "month": month_of(now),
        },
    )


class PackageForm(forms.Form):
    """The package, the key of this intention, a yes to a repetition (R25), the shown price (R6)."""

    package = forms.ChoiceField(
        label=_("Which package?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the package.")},
    )
    key = forms.RegexField(r"^[A-Za-z0-9_-]{32,64}$", widget=forms.HiddenInput, initial=new_key)
    repeat_confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    charged_lek = LekField(required=False, widget=forms.HiddenInput)

    def __init__(self, quoted: Quote, *args: Any) -> None:
        super().__init__(*args)
        package = cast(forms.ChoiceField, self.fields["package"])
        package.choices = [(row.package.code, row.package.name) for row in quoted.rows]


class Activate(ActivationSteps, FamilyAct):
    """Package cards, check, confirm: the same activation as in every channel (R2, R9, R21, R25)."""

    done_page = "activated"
    title = _("Activate a Super package")
    template = "portal/packages.html"
    check_template = "portal/activation_check.html"
    leader: LeaderAssignment
    member: Membership

    def load(self, pk: int) -> None:
        self.at = portal_clock.now()
        self.leader = scope.leadership_of(self.family)
        self.member = scope.member_led_by(self.leader, pk)
        self._quote()

    def left_to(self) -> str:
        return reverse("leader")

    def make_form(self, *args: Any) -> PackageForm:
        return PackageForm(self.quoted, *args)

    @property
    def client(self) -> str:
        return f"family-{self.family.account.pk}"

    def perform(self, cleaned: dict[str, Any]) -> Activation | WaitingForTheFixedLeader:
        return activate(
            leader=self.leader.member.msisdn,
            member=self.member.msisdn,
            package=cleaned["package"],
            at=self.at,
            channel=Channel.WEB,
            client=self.client,
            key=cleaned["key"],
            repeat_confirmed=cleaned["repeat_confirmed"],
            charged_lek=cleaned["charged_lek"],
        )

    def show(self, template: str, **context: Any) -> HttpResponse:
        month = month_of(self.at)
        context.setdefault("bar", self._bar())
        return super().show(
            template,
            leader=self.leader,
            member=self.member,
            quoted=self.quoted,
            month=month,
            on_bill=bill_month(month),
            **context,
        )

    def _quote(self) -> None:
        self.quoted = quote(
            group=self.leader.group,
            leader=self.leader.member.msisdn,
            member=self.member,
            at=self.at,
            channel=Channel.WEB,
        )

    def _bar(self, new: Block | None = None) -> Bar:
        return overview.month_bar(
            self.leader.group.contract_id, self.quoted.cap_lek, self.at, new, family=True
        )

    def _called(self) -> str:
        return self.member.known_as


@family_required
def activated(request: FamilyRequest, pk: int) -> HttpResponse:
    """Show the reference, the price, what is left, and who was told."""
    activation = scope.activation_by(request, pk)
    return render(
        request,
        "portal/activated.html",
        {
            "activation": activation,
            "bar": overview.month_bar(
                activation.contract_id,
                activation.terms.cap_lek,
                activation.accepted_at,
                family=True,
            ),
            "month": activation.month,
            "on_bill": bill_month(activation.month),
        },
    )


class GiveBack(FamilyAct):
    """Decline or give back the leadership, as the Mobile Leader."""

    form_class = forms.Form
    template = "portal/one_tap.html"
    title = _("Give the leadership back")
    button = _("Yes, I give it back")
    consequence = _(
        "From this moment you cannot activate packages any more. The Fixed Leader is told by SMS "
        "and can choose somebody else. What is active stays active."
    )
    done = _("You are no longer the Mobile Leader.")

    def load(self, pk: int = 0) -> None:
        self.leader = scope.leadership_of(self.family)

    def get(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        return super().get(request, pk)

    def post(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        try:
            return super().post(request, pk)
        except Http404:  # the second of two taps
            return redirect("family")

    def left_to(self) -> str:
        return reverse("family")

    def perform(self, cleaned: dict[str, Any]) -> LeaderAssignment:
        return leadership.give_back(assignment=self.leader, at=portal_clock.now())
