"""The payer's own names for the members (“Vajza”), for their and the Mobile Leader's pages."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from groups import membership
from groups.models import Membership
from klikon.portal.payer.act import OpenGroupAct
from superfamilja.clock import portal_clock
from superfamilja.values.text_field import LineField


class NamesForm(forms.Form):
    """One field a member; an empty one restores the member's own name."""

    def __init__(self, members: list[Membership], *args: Any) -> None:
        super().__init__(*args)
        for member in members:
            self.fields[f"member_{member.pk}"] = LineField(
                label=member.name,
                initial=member.called,
                max_length=30,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )


class NameMembers(OpenGroupAct):
    template = "portal/names.html"
    title = _("Names of your own")
    button = _("Keep these names")
    done = _("The names are kept.")

    def make_form(self, *args: Any) -> NamesForm:
        return NamesForm(self.members, *args)

    def check(self, form: forms.Form) -> HttpResponse:
        # no check page, because nothing depends on it and this page undoes it
        return self.confirm(form)

    def perform(self, cleaned: dict[str, Any]) -> None:
        membership.call_members(
            group=self.group,
            names={m.pk: cleaned[f"member_{m.pk}"] for m in self.members},
            at=portal_clock.now(),
        )
