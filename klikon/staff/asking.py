"""The desk's acts on “ask me first”, at the payer's word (R28)."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from klikon import asking
from klikon.models import AskAbove
from klikon.staff.act import GroupAct, Rows
from klikon.staff.forms import AskAboveForm, AskedForm
from superfamilja.lek import lek


class AskFirst(GroupAct):
    permission_required = ("klikon.record_declaration", "groups.view_contract")
    form_class = AskAboveForm
    title = _("Ask the Fixed Leader first")
    button = _("Yes, ask the Fixed Leader first")
    consequence = _(
        "From this moment an activation that costs more waits for the Fixed Leader, 24 hours at "
        "most, on every channel. He is told by SMS. Nothing is charged until he approves it."
    )
    done = _("The Fixed Leader is asked first.")

    def shown(self, form: forms.Form, name: str) -> Any:
        value = super().shown(form, name)
        return lek(value) if name == "above_lek" else value

    def perform(self, cleaned: dict[str, Any]) -> AskAbove:
        return asking.set_ask_above(
            group=self.group, above_lek=cleaned["above_lek"], at=timezone.now(), actor=self.actor,
            reason=cleaned["reason"],
        )  # fmt: skip


class AskNoMore(GroupAct):
    permission_required = ("klikon.record_declaration", "groups.view_contract")
    form_class = AskedForm
    title = _("Ask the Fixed Leader no more")
    button = _("Yes, ask no more")
    consequence = _(
        "From this moment activations are not held back for the Fixed Leader. What waits already "
        "goes on waiting."
    )
    done = _("The Fixed Leader is not asked first any more.")

    def subject(self) -> Rows:
        asked = asking.ask_above_of(self.group)
        amount = lek(asked.above_lek) if asked else "—"
        return [*super().subject(), (_("Asked first above"), amount)]

    def perform(self, cleaned: dict[str, Any]) -> AskAbove:
        return asking.lift_ask_above(
            group=self.group, at=timezone.now(), actor=self.actor, reason=cleaned["reason"]
        )
