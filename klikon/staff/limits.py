"""The desk's acts on the payer's own limits, at his word (R27)."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groups import terms
from klikon import limits
from klikon.models import OwnLimit
from klikon.staff.act import GroupAct, Rows
from klikon.staff.forms import AskedForm, LimitForm


class LimitAct(GroupAct):
    permission_required = ("klikon.record_declaration", "groups.view_contract")

    def spoken(self, limit_lek: int) -> str:
        """The amount in packages too: many people still think in old lek."""
        return limits.spoken(limit_lek, terms.in_force(self.group, timezone.now()))


class SetLimit(LimitAct):
    title = _("Set the payer's own limit")
    button = _("Yes, set this limit")
    consequence = _(
        "From this moment nothing is activated above this limit, this month and every month, until "
        "it is changed or lifted. What was spent already stays. Of the monthly cap, the group's "
        "limit and the member's limit the lowest binds."
    )
    done = _("The limit is set.")

    def make_form(self, *args: Any) -> LimitForm:
        return LimitForm(list(self.group.memberships.current().order_by("seat")), *args)

    def shown(self, form: forms.Form, name: str) -> Any:
        value = super().shown(form, name)
        return self.spoken(value) if name == "limit_lek" else value

    def perform(self, cleaned: dict[str, Any]) -> OwnLimit:
        whom = cleaned["whom"]
        return limits.set_limit(
            group=self.group,
            member=self.group.memberships.get(pk=whom) if whom else None,
            limit_lek=cleaned["limit_lek"],
            at=timezone.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )


class LiftLimit(LimitAct):
    form_class = AskedForm
    title = _("Lift the payer's own limit")
    button = _("Yes, lift this limit")
    consequence = _(
        "From this moment this limit binds no more. The monthly cap of the terms does, and any "
        "other limit that the payer has set."
    )
    done = _("The limit is lifted.")
    limit: OwnLimit

    def load(self, pk: int) -> None:
        own: QuerySet[OwnLimit] = OwnLimit.objects.select_related("group__contract", "member")
        self.limit = get_object_or_404(own, pk=pk)
        self.group = self.limit.group

    def subject(self) -> Rows:
        member = self.limit.member
        return [
            *super().subject(),
            (_("Limit for"), member.name if member else _("the whole group")),
            (_("Limit a month"), self.spoken(self.limit.limit_lek)),
        ]

    def perform(self, cleaned: dict[str, Any]) -> OwnLimit:
        if self.limit.ended_at is not None:
            raise limits.NoOwnLimit
        return limits.lift_limit(
            group=self.group, member=self.limit.member, at=timezone.now(), actor=self.actor,
            reason=cleaned["reason"],
        )  # fmt: skip
