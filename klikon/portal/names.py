"""The payer's own names for the members: “Vajza”. His and the Mobile Leader's pages say them."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groups import membership
from groups.models import Contract, Group, Membership
from klikon.portal import scope
from klikon.portal.family_act import FamilyAct


class NamesForm(forms.Form):
    """One field a member; empty is the member's own name."""

    def __init__(self, members: list[Membership], *args: Any) -> None:
        super().__init__(*args)
        for member in members:
            self.fields[f"member_{member.pk}"] = forms.CharField(
                label=member.name, initial=member.called, max_length=30, required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )  # fmt: skip


class NameMembers(FamilyAct):
    template = "portal/names.html"
    title = _("Names of your own")
    button = _("Keep these names")
    done = _("The names are kept.")
    contract: Contract
    group: Group
    members: list[Membership]

    def load(self, pk: int) -> None:
        self.contract = scope.contract_of(self.family, pk)
        self.group = get_object_or_404(self.contract.groups.open())
        self.members = list(self.group.memberships.current().order_by("seat"))

    def left_to(self) -> str:
        return reverse("payer", args=[self.contract.pk])

    def make_form(self, *args: Any) -> NamesForm:
        return NamesForm(self.members, *args)

    def check(self, form: forms.Form) -> HttpResponse:
        return self.confirm(form)  # nothing hangs on it, and it is undone in the same place

    def perform(self, cleaned: dict[str, Any]) -> None:
        membership.call_members(
            group=self.group,
            names={m.pk: cleaned[f"member_{m.pk}"] for m in self.members},
            at=timezone.now(),
        )
