"""Acts on the Mobile Leader that need no paper, because they only stop the leader (R4, R26)."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from groups.proof import RecordedCall, require_suitable
from klikon.leader import freezes, standing
from klikon.leader.refusals import AlreadyTold, NoLeader
from klikon.models import FreezeCause, LeaderAssignment, LeaderFreeze
from klikon.staff.act import GroupAct, Rows, contract_rows
from klikon.staff.forms import AskedForm, NumberChangedForm
from superfamilja.clock import portal_clock
from superfamilja.values import phone


class LeaderActPage(GroupAct):
    """Base of the acts on one leadership; the page of a former leader does nothing."""

    permission_required = ("klikon.freeze_leader", "groups.view_contract")
    form_class: type[forms.Form] = AskedForm
    leader: LeaderAssignment

    def load(self, pk: int) -> None:
        leaders: QuerySet[LeaderAssignment] = LeaderAssignment.objects.select_related(
            "group__contract", "member"
        )
        self.leader = get_object_or_404(leaders, pk=pk)
        self.group = self.leader.group

    def subject(self) -> Rows:
        member = self.leader.member
        return [
            *contract_rows(self.group.contract),
            (_("Mobile Leader"), f"{member.name}, {phone.spoken(member.msisdn)}"),
        ]


class StopLeader(LeaderActPage):
    title = _("Stop the Mobile Leader for now")
    button = _("Yes, stop activations for now")
    consequence = _(
        "From this moment nobody can activate packages for the group, until the Fixed Leader "
        "allows it again. What is active stays active. Both are told by SMS."
    )
    done = _("The Mobile Leader is stopped for now.")

    def require(self, cleaned: dict[str, Any]) -> None:
        freezes.require_unfrozen(standing.require_standing(self.leader))
        call = RecordedCall(call=cleaned["call"])
        require_suitable(call, self.group.contract, loosens=False)

    def perform(self, cleaned: dict[str, Any]) -> LeaderFreeze:
        return freezes.freeze(
            assignment=self.leader,
            proof=RecordedCall(call=cleaned["call"]),
            at=portal_clock.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )


class NumberChanged(LeaderActPage):
    """Enter news about the leader's number that a person hears before the CRM does (R26)."""

    form_class = NumberChangedForm
    title = _("The Mobile Leader's number changed")
    button = _("Yes, stop activations from this number")
    consequence = _(
        "From this moment nobody can activate packages for the group. Only the Fixed Leader's "
        "confirmation, with something that shows it, or a new Declaration allows it again. A "
        "number that somebody else has now is told nothing."
    )
    done = _("The Mobile Leader is stopped until the Fixed Leader confirms.")

    def require(self, cleaned: dict[str, Any]) -> None:
        standing.require_standing(self.leader)

    def perform(self, cleaned: dict[str, Any]) -> LeaderFreeze:
        member = self.leader.member
        frozen = freezes.number_changed(
            msisdn=member.msisdn,
            at=portal_clock.now(),
            actor=self.actor,
            cause=FreezeCause(cleaned["cause"]),
            reason=cleaned["reason"],
            changed_at=cleaned["changed_at"],
        )
        if frozen is None:
            raise NoLeader(name=member.name)
        if frozen.ended_at is not None:
            raise AlreadyTold
        return frozen
