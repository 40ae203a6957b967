"""The desk's acts on the Mobile Leader, each at the Fixed Leader's word (R3, R4, R26)."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groups.views import GroupAct, Rows, contract_rows
from klikon import leadership, phone_pin
from klikon.models import (
    DeclarationChannel,
    FreezeCause,
    LeaderAssignment,
    LeaderFreeze,
    PhonePin,
)
from klikon.staff_forms import AllowAgainForm, AskedForm, LeaderForm, NumberChangedForm
from superfamilja import phone


class NameLeader(GroupAct):
    """The signed Declaration, recorded in a store (R3)."""

    permission_required = ("klikon.record_declaration", "groups.view_contract")
    title = _("Name the Mobile Leader")
    button = _("Yes, record the Declaration")
    consequence = _(
        "From now on only this member can activate packages for the group, on the Fixed Leader's "
        "bill. A Mobile Leader named before stops being one."
    )
    done = _("The Declaration is recorded. The Mobile Leader is named.")

    def make_form(self, *args: Any) -> LeaderForm:
        members = list(self.group.memberships.current())
        return LeaderForm(members, self.group.contract.owner_name, *args)

    def perform(self, cleaned: dict[str, Any]) -> LeaderAssignment:
        return leadership.assign(
            channel=DeclarationChannel.STORE, at=timezone.now(), actor=self.actor, **cleaned
        )


class LeaderAct(GroupAct):
    """What the acts on one leadership share: the page of a former leader does nothing."""

    permission_required = ("klikon.record_declaration", "groups.view_contract")
    form_class: type[forms.Form] = AskedForm
    leader: LeaderAssignment
    frozen: LeaderFreeze | None

    def load(self, pk: int) -> None:
        leaders: QuerySet[LeaderAssignment] = LeaderAssignment.objects.select_related(
            "group__contract", "member"
        )
        self.leader = get_object_or_404(leaders, pk=pk)
        self.group = self.leader.group
        self.frozen = self.leader.freezes.filter(ended_at=None).first()

    def subject(self) -> Rows:
        member = self.leader.member
        return [
            *contract_rows(self.group.contract),
            (_("Mobile Leader"), f"{member.name}, {phone.spoken(member.msisdn)}"),
        ]


class StopLeader(LeaderAct):
    permission_required = ("klikon.freeze_leader", "groups.view_contract")
    title = _("Stop the Mobile Leader for now")
    button = _("Yes, stop activations for now")
    consequence = _(
        "From this moment nobody can activate packages for the group, until the Fixed Leader "
        "allows it again. What is active stays active. Both are told by SMS."
    )
    done = _("The Mobile Leader is stopped for now.")

    def perform(self, cleaned: dict[str, Any]) -> LeaderFreeze:
        return leadership.freeze(
            assignment=self.leader, at=timezone.now(), actor=self.actor, reason=cleaned["reason"]
        )


class AllowLeaderAgain(LeaderAct):
    title = _("Allow the Mobile Leader again")
    button = _("Yes, allow activations again")
    consequence = _(
        "From this moment this Mobile Leader can activate packages for the group again, on the "
        "Fixed Leader's bill. Both are told by SMS."
    )
    done = _("The Mobile Leader can activate again.")

    def make_form(self, *args: Any) -> AllowAgainForm:
        # R26: what the CRM stopped goes on only by something that can be shown.
        by_the_crm = self.frozen is not None and self.frozen.cause != FreezeCause.FIXED_LEADER
        return AllowAgainForm(by_the_crm, *args)

    def subject(self) -> Rows:
        why = str(self.frozen.get_cause_display()) if self.frozen else "—"
        return [*super().subject(), (_("Stopped because"), why)]

    def perform(self, cleaned: dict[str, Any]) -> LeaderFreeze:
        return leadership.unfreeze(
            assignment=self.leader, at=timezone.now(), actor=self.actor, **cleaned
        )


class RevokeLeader(LeaderAct):
    title = _("Revoke the Mobile Leader")
    button = _("Yes, revoke the Mobile Leader")
    consequence = _(
        "From this moment nobody can activate packages for the group, until the Fixed Leader names "
        "a Mobile Leader by a new Declaration. What is active stays active, and what was spent "
        "stays on the bill. Both are told by SMS."
    )
    done = _("The Mobile Leader is revoked.")

    def perform(self, cleaned: dict[str, Any]) -> LeaderAssignment:
        return leadership.revoke(
            assignment=self.leader, at=timezone.now(), actor=self.actor, reason=cleaned["reason"]
        )


class NumberChanged(LeaderAct):
    """What the CRM tells of the leader's number, when a person learns it first (R26)."""

    permission_required = ("klikon.freeze_leader", "groups.view_contract")
    form_class = NumberChangedForm
    title = _("The Mobile Leader's number changed")
    button = _("Yes, stop activations from this number")
    consequence = _(
        "From this moment nobody can activate packages for the group. Only the Fixed Leader's "
        "confirmation, with something that shows it, or a new Declaration allows it again. A "
        "number that somebody else has now is told nothing."
    )
    done = _("The Mobile Leader is stopped until the Fixed Leader confirms.")

    def perform(self, cleaned: dict[str, Any]) -> LeaderFreeze:
        member = self.leader.member
        frozen = leadership.number_changed(
            msisdn=member.msisdn, at=timezone.now(), actor=self.actor,
            cause=FreezeCause(cleaned["cause"]), reason=cleaned["reason"],
        )  # fmt: skip
        if frozen is None:
            raise leadership.NoLeader(name=member.name)
        return frozen


class UnlockPhone(LeaderAct):
    """After three wrong PINs; the PIN itself is the Fixed Leader's own and is never typed here."""

    title = _("Unlock the phone channel")
    button = _("Yes, unlock the phone channel")
    consequence = _(
        "From this moment the Mobile Leader can activate by phone again. The PIN stays the same; "
        "the Fixed Leader sets another one online."
    )
    done = _("The phone channel is unlocked.")

    def perform(self, cleaned: dict[str, Any]) -> PhonePin:
        return phone_pin.unlock(
            leader=self.leader, at=timezone.now(), actor=self.actor, reason=cleaned["reason"]
        )
