"""Base of the payer's acts on a contract, its open group, or the present leadership."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from groups.models import Contract, Group, Membership
from klikon.models import LeaderAssignment
from klikon.portal import scope
from klikon.portal.payer.fresh_code import ProvenAct


class PayerAct(ProvenAct):
    """An act on a contract that the number pays; the payer's home follows it."""

    contract: Contract

    def load(self, pk: int) -> None:
        self.contract = scope.contract_of(self.family, pk)

    def paying(self) -> Contract:
        return self.contract

    def left_to(self) -> str:
        return reverse("payer", args=[self.contract.pk])


class OpenGroupAct(PayerAct):
    """An act on the contract's open group, with its members in the order of their seats."""

    group: Group
    members: list[Membership]

    def load(self, pk: int) -> None:
        super().load(pk)
        self.group = get_object_or_404(self.contract.groups.open())
        self.members = list(self.group.memberships.current().order_by("seat"))


class LeadershipAct(PayerAct):
    """An act on the present leadership, stopped or not."""

    leader: LeaderAssignment

    def load(self, pk: int) -> None:
        super().load(pk)
        self.leader = get_object_or_404(LeaderAssignment.objects.of_contract(self.contract))

    def subject(self) -> list[tuple[Any, Any]]:
        return [(_("Mobile Leader"), self.leader.member.known_as)]
