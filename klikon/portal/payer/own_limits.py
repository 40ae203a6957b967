"""The payer's own limits (R27): set, shown and lifted by themselves."""

from typing import Any, cast

from crispy_forms.bootstrap import AppendedText
from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from groups import terms
from groups.models import Contract, Membership
from groups.proof import require_the_payers_number
from klikon.models import OwnLimit
from klikon.payer import limits
from klikon.portal.payer.act import OpenGroupAct
from klikon.portal.payer.fresh_code import ProvenAct
from superfamilja.clock import portal_clock
from superfamilja.values.lek_field import LekField
from superfamilja.web.form_layout import FieldsFormHelper, LaidOutForm


class PayersLimitForm(LaidOutForm):
    """For whom, and how much a month."""

    helper = FieldsFormHelper("whom", AppendedText("limit_lek", "Lekë"))

    whom = forms.ChoiceField(label=_("Limit for"))
    limit_lek = LekField(
        label=_("At most in a month"),
        help_text=_("In Lek, new ones: 2.000. With 0 nothing more can be activated."),
    )

    def __init__(self, members: list[Membership], *args: Any) -> None:
        super().__init__(*args)
        whom = cast(forms.ChoiceField, self.fields["whom"])
        whom.choices = [("", _("the whole group")), *((str(m.pk), m.known_as) for m in members)]
        whom.required = False


class SetOwnLimit(OpenGroupAct):
    title = _("Set a limit of your own")
    button = _("Yes, set this limit")
    consequence = _(
        "From this moment it binds on every channel: the lowest of the monthly cap, your limit "
        "for the group and your limit for a member. What is active stays active."
    )
    done = _("Your limit is set.")

    def make_form(self, *args: Any) -> PayersLimitForm:
        return PayersLimitForm(self.members, *args)

    def shown(self, form: forms.Form, name: str) -> Any:
        if name == "limit_lek":
            in_force = terms.in_force(self.group, portal_clock.now())
            return limits.spoken(form.cleaned_data[name], in_force)
        return super().shown(form, name)

    def require(self, cleaned: dict[str, Any]) -> None:
        whose, limit_lek, now = self._whose(cleaned), cleaned["limit_lek"], portal_clock.now()
        limits.require_settable(self.group, whose, limit_lek, now)
        if limits.raises(limits.limit_of(self.group, whose), limit_lek):
            require_the_payers_number(self.contract, now)

    def _whose(self, cleaned: dict[str, Any]) -> Membership | None:
        """Return the member whose limit it is; None for the whole group's."""
        return next((m for m in self.members if str(m.pk) == cleaned["whom"]), None)

    def perform(self, cleaned: dict[str, Any]) -> OwnLimit:
        return limits.set_limit(
            group=self.group,
            member=self._whose(cleaned),
            limit_lek=cleaned["limit_lek"],
            proof=self.proof,
            at=portal_clock.now(),
        )


class LiftOwnLimit(ProvenAct):
    form_class = forms.Form
    template = "portal/one_tap.html"
    title = _("Lift your limit")
    button = _("Yes, lift the limit")
    consequence = _("From this moment only the monthly cap binds, and limits that you leave.")
    done = _("The limit is lifted.")
    own: OwnLimit

    def load(self, pk: int) -> None:
        found = OwnLimit.objects.select_related("group__contract", "member").filter(
            pk=pk, ended_at=None
        )
        self.own = get_object_or_404(found)
        if self.own.group.contract_id not in self.family.on_file.payer_of:
            raise Http404

    def paying(self) -> Contract:
        return self.own.group.contract

    def left_to(self) -> str:
        return reverse("payer", args=[self.own.group.contract_id])

    def subject(self) -> list[tuple[Any, Any]]:
        whom = self.own.member.known_as if self.own.member else _("the whole group")
        in_force = terms.in_force(self.own.group, portal_clock.now())
        return [
            (_("Limit for"), whom),
            (_("At most in a month"), limits.spoken(self.own.limit_lek, in_force)),
        ]

    def perform(self, cleaned: dict[str, Any]) -> OwnLimit:
        return limits.lift_limit(
            group=self.own.group, member=self.own.member, proof=self.proof, at=portal_clock.now()
        )
