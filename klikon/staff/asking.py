"""Set “ask me first” on the phone: a lower amount only, by a recorded call (R28, R30).

A higher amount, or none, needs the payer's code, online or at the desk.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.proof import RecordedCall, require_suitable
from klikon.models import AskAbove
from klikon.payer import asking
from klikon.staff.act import GroupAct
from klikon.staff.forms import AskAboveForm
from superfamilja.clock import portal_clock
from superfamilja.values.lek import lek


class AskFirstPage(GroupAct):
    permission_required = ("klikon.freeze_leader", "groups.view_contract")
    form_class = AskAboveForm
    title = _("Ask the Fixed Leader first")
    button = _("Yes, ask the Fixed Leader first")
    consequence = _(
        "From this moment an activation that costs more waits for the Fixed Leader, 24 hours at "
        "most, on every channel. He is told by SMS. Nothing is charged until he approves it. By "
        "phone the amount only becomes lower."
    )
    done = _("The Fixed Leader is asked first.")

    def shown(self, form: forms.Form, name: str) -> Any:
        value = super().shown(form, name)
        return lek(value) if name == "above_lek" else value

    def require(self, cleaned: dict[str, Any]) -> None:
        above_lek = cleaned["above_lek"]
        asking.require_askable(self.group, above_lek, portal_clock.now())
        require_suitable(
            RecordedCall(call=cleaned["call"]),
            self.group.contract,
            loosens=asking.raises(asking.ask_above_of(self.group), above_lek),
        )

    def perform(self, cleaned: dict[str, Any]) -> AskAbove:
        return asking.set_ask_above(
            group=self.group,
            above_lek=cleaned["above_lek"],
            proof=RecordedCall(call=cleaned["call"]),
            at=portal_clock.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )
