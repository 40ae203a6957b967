"""The desk's acts on a group: each page translates one form into one verb of membership.py."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from groups import contact, membership
from groups.forms import AddMemberForm, ContactForm
from groups.models import ContactChange, Contract, Group, Membership
from superfamilja import phone
from superfamilja.act_page import ActPage

Rows = list[tuple[str | Promise, Any]]


class GroupAct(ActPage):
    """What the acts on an existing group share."""

    permission_required = ("groups.serve_groups", "groups.view_contract")
    group: Group

    def load(self, pk: int) -> None:
        groups: QuerySet[Group] = Group.objects.select_related("contract")
        self.group = get_object_or_404(groups, pk=pk)

    def contract_id(self) -> int:
        return self.group.contract_id

    def subject(self) -> Rows:
        return contract_rows(self.group.contract)


class OpenGroup(GroupAct):
    title = _("Open a SuperFamilja group")
    button = _("Yes, open the group")
    consequence = _("The newest published terms bind the group at once.")
    done = _("The group is open.")
    contract: Contract

    def load(self, pk: int) -> None:
        self.contract = get_object_or_404(Contract, pk=pk)

    def contract_id(self) -> int:
        return self.contract.pk

    def subject(self) -> Rows:
        return contract_rows(self.contract)

    def perform(self, cleaned: dict[str, Any]) -> Any:
        return membership.open_group(
            contract=self.contract,
            at=timezone.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )


class ChangeContact(OpenGroup):
    """In the shop, with a document in hand: for whoever has the old phone no longer."""

    form_class = ContactForm
    title = _("Change the contact mobile")
    button = _("Yes, change the contact mobile")
    consequence = _(
        "From this moment bills, codes and warnings go to the new number, and whoever is signed in "
        "with the old one is signed out. Both numbers are told by SMS. The CRM has to be told, "
        "too: until then its old number is overlooked."
    )
    done = _("The contact mobile is changed. Both numbers are told by SMS.")

    def subject(self) -> Rows:
        return [*super().subject(), (_("Until now"), phone.spoken(self.contract.contact_msisdn))]

    def shown(self, form: forms.Form, name: str) -> Any:
        value = super().shown(form, name)
        return phone.spoken(value) if name == "msisdn" else value

    def perform(self, cleaned: dict[str, Any]) -> ContactChange:
        with override(self.contract.language):
            document = str(dict(ContactForm.DOCUMENTS)[cleaned["document"]])
        return contact.change_contact(
            contract=self.contract,
            msisdn=cleaned["msisdn"],
            evidence=f"{document}: {cleaned['document_number']}",
            at=timezone.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )


class AddMember(GroupAct):
    form_class = AddMemberForm
    title = _("Add a member")
    button = _("Yes, add this member")
    done = _("The member has joined the group.")

    def shown(self, form: forms.Form, name: str) -> Any:
        value = super().shown(form, name)
        return phone.spoken(value) if name == "msisdn" else value

    def perform(self, cleaned: dict[str, Any]) -> Membership:
        return membership.add_member(
            group=self.group, at=timezone.now(), actor=self.actor, **cleaned
        )


class RemoveMember(GroupAct):
    title = _("Remove a member")
    button = _("Yes, remove this member")
    consequence = _(
        "What was spent for this member stays on the bill of this contract. If the member is the "
        "Mobile Leader, nobody can activate until a new one is named."
    )
    done = _("The member has left the group.")
    member: Membership

    def load(self, pk: int) -> None:
        members = Membership.objects.select_related("group__contract")
        self.member = get_object_or_404(members, pk=pk)
        self.group = self.member.group

    def subject(self) -> Rows:
        return [
            *contract_rows(self.group.contract),
            (_("Member"), f"{self.member.name}, {phone.spoken(self.member.msisdn)}"),
        ]

    def perform(self, cleaned: dict[str, Any]) -> None:
        membership.remove_member(
            membership=self.member,
            at=timezone.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )


class CloseGroup(GroupAct):
    title = _("Close the group")
    button = _("Yes, close the group")
    consequence = _(
        "All members leave the group. What was spent stays on the next bill, and a new group of "
        "this contract has only the room that is left this month."
    )
    done = _("The group is closed.")

    def perform(self, cleaned: dict[str, Any]) -> None:
        membership.close_group(
            group=self.group, at=timezone.now(), actor=self.actor, reason=cleaned["reason"]
        )


def contract_rows(contract: Contract) -> Rows:
    """Which contract it is about, so that nobody serves the wrong family."""
    return [(_("Contract"), contract.number), (_("Fixed Leader"), contract.owner_name)]
