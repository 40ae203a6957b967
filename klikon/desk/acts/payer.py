"""Acts on what the payer allows: own limits (R27) and “ask me first” (R28).

A lower amount needs a signature. A higher one, or none at all, needs the owner's word as well
(R30).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from groups import terms
from groups.models import Group, Membership
from klikon.desk.acts.base import MemberOf, Signed
from klikon.desk.acts.family import NeedsAGroup
from klikon.desk.identification import IdentifiedForm
from klikon.models import AskAbove, OwnLimit
from klikon.papers.typeset import Rows
from klikon.payer import asking, limits
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek
from superfamilja.values.lek_field import LekField


class OwnLimitForm(IdentifiedForm):
    """For whom, and how much a month."""

    whom = forms.ChoiceField(label=_("Limit for"), required=False)
    limit_lek = LekField(
        label=_("Limit a month, Lek"),
        min_value=0,
        help_text=_("What Klik-ON may cost in a month at most, in new Lek. 0: nothing more."),
    )


class LimitAct(NeedsAGroup):
    """Base of the acts on limits: whose limit it is, and its present amount."""

    def form(self, typed: dict[str, Any] | None = None) -> IdentifiedForm:
        form = super().form(typed)
        cast(forms.ChoiceField, form.fields["whom"]).choices = self.choices()
        return form

    def choices(self) -> list[tuple[str, Any]]:
        members = [(str(pk), label) for pk, label in MemberOf.choices(self.group)]
        return [("", _("the whole group")), *members]

    def shown(self, form: IdentifiedForm, name: str) -> Any:
        value = super().shown(form, name)
        if name == "whom":
            return dict(self.choices()).get(value, value)
        return self.spoken(value) if name == "limit_lek" else value

    def spoken(self, limit_lek: int) -> str:
        """The amount in packages too: many people still think in old lek."""
        return limits.spoken(limit_lek, terms.in_force(cast(Group, self.group), portal_clock.now()))

    def whose(self, pk: str) -> Membership | None:
        """Return the member whose limit it is; None for the whole group's."""
        return MemberOf.found(self.group, pk) if pk else None

    def now(self, whom: str) -> OwnLimit | None:
        """Return the present limit."""
        member = Membership.objects.filter(pk=whom, group=self.group).first() if whom else None
        if self.group is None or (whom and member is None):
            return None
        return limits.limit_of(self.group, member)

    def stands_on(self) -> dict[str, Any]:
        own = OwnLimit.objects.filter(group=self.group, ended_at=None) if self.group else []
        return {**super().stands_on(), "limits": sorted(limit.pk for limit in own)}


class SetLimit(LimitAct):
    name, key = "set_limit", "f"
    title = _("Set the payer's own limit")
    button = _("Signed: set this limit")
    consequence = _(
        "From this moment nothing is activated above this limit, this month and every month, until "
        "it is changed or lifted. What was spent already stays. Of the monthly cap, the group's "
        "limit and the member's limit the lowest binds."
    )
    done = _("The limit is set.")
    form_class = OwnLimitForm

    def weigh(self, typed: Mapping[str, Any]) -> None:
        before, amount = self.now(str(typed.get("whom", ""))), _amount(typed, "limit_lek")
        self.asks_word = before is not None and amount is not None and amount > before.limit_lek

    def code_is_for(self, form: IdentifiedForm) -> str:
        return f"{self.title}: {lek(form.cleaned_data['limit_lek'])}"

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        whose, limit_lek = self.whose(form.cleaned_data["whom"]), form.cleaned_data["limit_lek"]
        limits.require_settable(cast(Group, self.group), whose, limit_lek, at)

    def perform(self, signed: Signed) -> OwnLimit:
        return limits.set_limit(
            group=cast(Group, self.group),
            member=self.whose(signed.cleaned["whom"]),
            limit_lek=signed.cleaned["limit_lek"],
            proof=signed.proof,
            **signed.words,
        )


class WhoseLimitForm(IdentifiedForm):
    """The choice of the limit to lift."""

    whom = forms.ChoiceField(label=_("Limit for"), required=False)


class LiftLimit(LimitAct):
    name, key = "lift_limit", "o"
    title = _("Lift the payer's own limit")
    button = _("Signed: lift this limit")
    consequence = _(
        "From this moment this limit binds no more. The monthly cap of the terms does, and any "
        "other limit that the payer has set."
    )
    done = _("The limit is lifted.")
    form_class = WhoseLimitForm
    asks_word = True

    def obstacle(self) -> Refusal | None:
        if refusal := super().obstacle():
            return refusal
        return None if self._standing() else limits.NoOwnLimit()

    def choices(self) -> list[tuple[str, Any]]:
        standing = {str(limit.member_id or "") for limit in self._standing()}
        return [(pk, label) for pk, label in super().choices() if pk in standing]

    def asked(self, form: IdentifiedForm) -> Rows:
        own = self.now(form.cleaned_data["whom"])
        amount = self.spoken(own.limit_lek) if own else "—"
        return [*super().asked(form), (_("Limit a month"), amount)]

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        limits.require_liftable(cast(Group, self.group), self.whose(form.cleaned_data["whom"]))

    def perform(self, signed: Signed) -> OwnLimit:
        return limits.lift_limit(
            group=cast(Group, self.group),
            member=self.whose(signed.cleaned["whom"]),
            proof=signed.proof,
            **signed.words,
        )

    def _standing(self) -> list[OwnLimit]:
        return list(OwnLimit.objects.filter(group=self.group, ended_at=None)) if self.group else []


class AboveForm(IdentifiedForm):
    """The price above which the payer is asked first; 0 means every time."""

    above_lek = LekField(
        label=_("Ask first above, Lek"),
        min_value=0,
        help_text=_("In new Lek, with Klik-ON: Super 700 costs 500 Lekë. 0: every activation."),
    )


class AskAct(NeedsAGroup):
    """Base of the acts on “ask me first”."""

    @property
    def asked_above(self) -> AskAbove | None:
        """Return the present amount."""
        return asking.ask_above_of(self.group) if self.group else None

    def stands_on(self) -> dict[str, Any]:
        asked = self.asked_above
        return {**super().stands_on(), "ask_above": asked.pk if asked else None}

    def subject(self) -> Rows:
        asked = self.asked_above
        amount = lek(asked.above_lek) if asked else "—"
        return [*super().subject(), (_("Asked first above"), amount)]


class AskFirst(AskAct):
    name, key = "ask_first", "y"
    title = _("Ask the Fixed Leader first")
    button = _("Signed: ask the Fixed Leader first")
    consequence = _(
        "From this moment an activation that costs more waits for the Fixed Leader, 24 hours at "
        "most, on every channel. He is told by SMS. Nothing is charged until he approves it."
    )
    done = _("The Fixed Leader is asked first.")
    form_class = AboveForm

    def weigh(self, typed: Mapping[str, Any]) -> None:
        before, amount = self.asked_above, _amount(typed, "above_lek")
        self.asks_word = before is not None and amount is not None and amount > before.above_lek

    def shown(self, form: IdentifiedForm, name: str) -> Any:
        value = super().shown(form, name)
        return lek(value) if name == "above_lek" else value

    def code_is_for(self, form: IdentifiedForm) -> str:
        return f"{self.title}: {lek(form.cleaned_data['above_lek'])}"

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        asking.require_askable(cast(Group, self.group), form.cleaned_data["above_lek"], at)

    def perform(self, signed: Signed) -> AskAbove:
        return asking.set_ask_above(
            group=cast(Group, self.group),
            above_lek=signed.cleaned["above_lek"],
            proof=signed.proof,
            **signed.words,
        )


class AskNoMore(AskAct):
    name, key = "ask_no_more", "z"
    title = _("Ask the Fixed Leader no more")
    button = _("Signed: ask no more")
    consequence = _(
        "From this moment activations are not held back for the Fixed Leader. What waits already "
        "goes on waiting."
    )
    done = _("The Fixed Leader is not asked first any more.")
    asks_word = True

    def obstacle(self) -> Refusal | None:
        if refusal := super().obstacle():
            return refusal
        return None if self.asked_above else asking.NotAskedFirst()

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        asking.require_asked_first(cast(Group, self.group))

    def perform(self, signed: Signed) -> AskAbove:
        return asking.lift_ask_above(
            group=cast(Group, self.group), proof=signed.proof, **signed.words
        )


def _amount(typed: Mapping[str, Any], name: str) -> int | None:
    """Return the typed amount in whole Lek; None when it is none, as the form itself says."""
    try:
        amount: int = LekField().clean(typed.get(name, ""))
    except ValidationError:
        return None
    return amount
