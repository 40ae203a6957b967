"""Set the payer's own limits on the phone: lower only, by a recorded call (R27, R30).

A higher limit, or none, needs the payer's code, online or at the desk.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from groups import terms
from groups.models import Membership
from groups.proof import RecordedCall, require_suitable
from klikon.models import OwnLimit
from klikon.payer import limits
from klikon.staff.act import GroupAct
from klikon.staff.forms import LimitForm
from superfamilja.clock import portal_clock


class SetLimitPage(GroupAct):
    permission_required = ("klikon.freeze_leader", "groups.view_contract")
    title = _("Set or lower the payer's own limit")
    button = _("Yes, set this limit")
    consequence = _(
        "From this moment nothing is activated above this limit, this month and every month, until "
        "it is changed or lifted. What was spent already stays. By phone a limit only becomes "
        "lower: the Fixed Leader raises or lifts it online, or in a shop."
    )
    done = _("The limit is set.")

    def make_form(self, *args: Any) -> LimitForm:
        return LimitForm(list(self.group.memberships.current().order_by("seat")), *args)

    def shown(self, form: forms.Form, name: str) -> Any:
        value = super().shown(form, name)
        if name != "limit_lek":
            return value
        return limits.spoken(value, terms.in_force(self.group, portal_clock.now()))

    def require(self, cleaned: dict[str, Any]) -> None:
        whose, limit_lek = self._whose(cleaned), cleaned["limit_lek"]
        limits.require_settable(self.group, whose, limit_lek, portal_clock.now())
        require_suitable(
            RecordedCall(call=cleaned["call"]),
            self.group.contract,
            loosens=limits.raises(limits.limit_of(self.group, whose), limit_lek),
        )

    def _whose(self, cleaned: dict[str, Any]) -> Membership | None:
        """Return the member whose limit it is; None for the whole group's."""
        whom = cleaned["whom"]
        return self.group.memberships.get(pk=whom) if whom else None

    def perform(self, cleaned: dict[str, Any]) -> OwnLimit:
        return limits.set_limit(
            group=self.group,
            member=self._whose(cleaned),
            limit_lek=cleaned["limit_lek"],
            proof=RecordedCall(call=cleaned["call"]),
            at=portal_clock.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )
