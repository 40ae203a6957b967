"""Base of the staff's acts on a group."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.models import Contract, Group
from superfamilja.accounts.site.act_page import ContractActPage

Rows = list[tuple[str | Promise, Any]]


class GroupAct(ContractActPage):
    """Base of the acts on an existing group."""

    permission_required = ("groups.serve_groups", "groups.view_contract")
    group: Group

    def load(self, pk: int) -> None:
        groups: QuerySet[Group] = Group.objects.select_related("contract")
        self.group = get_object_or_404(groups, pk=pk)

    def contract_id(self) -> int:
        return self.group.contract_id

    def subject(self) -> Rows:
        return contract_rows(self.group.contract)


def contract_rows(contract: Contract) -> Rows:
    """Return which contract it is about, so that nobody serves the wrong family."""
    return [(_("Contract"), contract.number), (_("Fixed Leader"), contract.owner_name)]
