"""Activate at the Mobile Leader's request (R2): choose, check, confirm, done."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groups.models import Membership
from groups.views import GroupAct
from klikon import overview, refusals
from klikon.activation import activate
from klikon.models import Activation, Channel
from klikon.quote import quote
from klikon.staff_forms import ActivateForm, new_key
from superfamilja.bar import Block
from superfamilja.months import month_of, next_month
from superfamilja.refusal import Refusal


class ActivateOnBehalf(GroupAct):
    permission_required = ("klikon.activate_on_behalf", "groups.view_contract")
    template = "staff/activation_choose.html"
    check_template = "staff/activation_check.html"
    title = _("Activate a Super package")
    members: list[Membership]

    def load(self, pk: int) -> None:
        super().load(pk)
        self.at = timezone.now()
        self.members = list(self.group.memberships.current().order_by("seat"))
        self.quoted = quote(self.group, self.at, Channel.STAFF)

    @property
    def client(self) -> str:
        return f"staff-{self.actor.pk}"

    def make_form(self, *args: Any) -> ActivateForm:
        return ActivateForm(self.members, self.quoted, *args)

    def check(self, form: forms.Form) -> HttpResponse:
        """Show what will happen. A key that has its answer already leads to that answer (R21)."""
        cleaned = form.cleaned_data
        done = Activation.objects.filter(client=self.client, key=cleaned["key"]).first()
        if done and (done.member_id, done.package_code) == (cleaned["member"], cleaned["package"]):
            return redirect("activation_done", pk=done.pk)
        if done:
            form = self._with_new_key(form)
        row = self.quoted.row(cleaned["package"])
        if refusal := self.quoted.refusal or (row and row.refusal):
            return self.refused(form, refusal)
        member = self._member(cleaned["member"])
        assert row is not None  # noqa: S101 - the form knows no other packages
        new = Block(row.price.charged_lek, member.name, member.seat, row.package.name, is_new=True)
        bar = overview.month_bar(self.contract_id(), self.quoted.cap_lek, self.at, new)
        return self.show(
            self.check_template,
            form=form,
            row=row,
            member=member,
            bar=bar,
            reason=cleaned["reason"],
        )

    def perform(self, cleaned: dict[str, Any]) -> Activation:
        if self.quoted.leader is None:  # R2: there is nobody whose request it could be
            raise refusals.NotTheLeader
        return activate(
            leader=self.quoted.leader.member.msisdn,
            member=self._member(cleaned["member"]).msisdn,
            package=cleaned["package"],
            at=self.at,
            channel=Channel.STAFF,
            client=self.client,
            key=cleaned["key"],
            actor=self.actor,
            reason=cleaned["reason"],
        )

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        """The refusal in its words; a new try is a new request with a key of its own (R21)."""
        return super().refused(self._with_new_key(form), refusal)

    def after(self, outcome: Activation) -> HttpResponse:
        return redirect("activation_done", pk=outcome.pk)

    def show(self, template: str, **context: Any) -> HttpResponse:
        context.setdefault(
            "bar", overview.month_bar(self.contract_id(), self.quoted.cap_lek, self.at)
        )
        month = month_of(self.at)
        return super().show(
            template,
            contract=self.group.contract,
            members=self.members,
            quoted=self.quoted,
            month=month,
            next_month=next_month(month),
            **context,
        )

    def _member(self, pk: int) -> Membership:
        return next(member for member in self.members if member.pk == pk)

    def _with_new_key(self, form: forms.Form) -> forms.Form:
        return self._valid(
            self.make_form({**{name: form.data[name] for name in form.data}, "key": new_key()})
        )

    @staticmethod
    def _valid(form: forms.Form) -> forms.Form:
        form.is_valid()
        return form


@permission_required("klikon.activate_on_behalf", raise_exception=True)
def activation_done(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer: its reference, its charge, and the bill that it goes on."""
    activation = get_object_or_404(
        Activation.objects.select_related(
            "contract", "member", "leader", "package", "charge__entry", "terms"
        ),
        pk=pk,
    )
    bar = overview.month_bar(
        activation.contract_id, activation.terms.cap_lek, activation.accepted_at
    )
    context = {
        "activation": activation,
        "bar": bar,
        "seat": overview.seat_of(activation.member),
        "month": activation.month,
        "next_month": next_month(activation.month),
    }
    return render(request, "staff/activation_done.html", context)
