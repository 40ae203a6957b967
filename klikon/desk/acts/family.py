"""Acts on the group and its members."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from groups import contact, contact_hold, membership
from groups.models import ContactChange, ContactHold, Group, Membership
from groups.plans import PLANS
from klikon.desk.acts.base import DeskAct, MemberOf, Signed
from klikon.desk.identification import IdentifiedForm
from klikon.leader import contact_proof
from klikon.papers.typeset import Rows
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values import phone
from superfamilja.values.phone_field import MobileField
from superfamilja.values.text_field import LineField


class NeedsAGroup(DeskAct):
    """Base of acts that need an open group."""

    def obstacle(self) -> Refusal | None:
        return None if self.group else membership.GroupClosed()


class OpenGroup(DeskAct):
    name, key = "open_group", "g"
    title = _("Open a SuperFamilja group")
    button = _("Signed: open the group")
    consequence = _(
        "The newest published terms bind the group at once. Limits and “ask me first” that the "
        "payer set in a group before stay."
    )
    done = _("The group is open.")

    def obstacle(self) -> Refusal | None:
        if self.group:
            return membership.GroupAlreadyOpen(contract=self.contract.number)
        return None

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        membership.require_openable(self.contract)

    def perform(self, signed: Signed) -> Group:
        return membership.open_group(contract=self.contract, **signed.words)


class MemberForm(IdentifiedForm):
    """A number that joins the group."""

    msisdn = MobileField(label=_("Mobile number"))
    name = LineField(label=_("Name"), max_length=200)
    plan = forms.ChoiceField(label=_("Plan"), choices=PLANS)


class AddMember(NeedsAGroup):
    name, key = "add_member", "a"
    title = _("Add a member")
    button = _("Signed: add this member")
    consequence = _(
        "The Mobile Leader can activate Super packages for this number, on the bill of this "
        "contract."
    )
    done = _("The member has joined the group.")
    form_class = MemberForm

    def obstacle(self) -> Refusal | None:
        if self.group is None:
            return super().obstacle()
        try:
            membership.require_room(self.group, portal_clock.now())
        except membership.GroupFull as refusal:
            return refusal
        return None

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        typed = form.cleaned_data
        membership.require_addable(
            cast(Group, self.group), msisdn=typed["msisdn"], plan=typed["plan"], at=at
        )

    def shown(self, form: IdentifiedForm, name: str) -> Any:
        value = super().shown(form, name)
        return phone.spoken(value) if name == "msisdn" else value

    def perform(self, signed: Signed) -> Membership:
        typed = {name: signed.cleaned[name] for name in ("msisdn", "name", "plan")}
        return membership.add_member(group=cast(Group, self.group), **typed, **signed.words)


class ChosenMemberForm(IdentifiedForm):
    """The choice of a member."""

    member = forms.ChoiceField(
        label=_("Member"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose one of the members."),
            "invalid_choice": _("This member is not in the group any more."),
        },
    )


class ChoosesAMember(NeedsAGroup):
    """Base of acts on a chosen member."""

    form_class = ChosenMemberForm

    def form(self, typed: dict[str, Any] | None = None) -> IdentifiedForm:
        form = super().form(typed)
        cast(forms.ChoiceField, form.fields["member"]).choices = MemberOf.choices(self.group)
        return form

    def shown(self, form: IdentifiedForm, name: str) -> Any:
        value = super().shown(form, name)
        if name != "member":
            return value
        return {str(pk): label for pk, label in MemberOf.choices(self.group)}[value]


class RemoveMember(ChoosesAMember):
    name, key = "remove_member", "h"
    title = _("Remove a member")
    button = _("Signed: remove this member")
    consequence = _(
        "What was spent for this member stays on the bill of this contract. If the member is the "
        "Mobile Leader, nobody can activate until a new one is named."
    )
    done = _("The member has left the group.")

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        membership.require_current(MemberOf.found(self.group, form.cleaned_data["member"]))

    def perform(self, signed: Signed) -> None:
        member = MemberOf.found(self.group, signed.cleaned["member"])
        membership.remove_member(membership=member, **signed.words)


class CloseGroup(NeedsAGroup):
    name, key = "close_group", "m"
    title = _("Close the group")
    button = _("Signed: close the group")
    consequence = _(
        "All members leave the group. What was spent stays on the next bill, and a new group of "
        "this contract has only the room that is left this month."
    )
    done = _("The group is closed.")

    def subject(self) -> Rows:
        members = ", ".join(name for _pk, name in MemberOf.choices(self.group))
        return [*super().subject(), (_("Members"), members or "—")]

    def perform(self, signed: Signed) -> None:
        membership.close_group(group=cast(Group, self.group), **signed.words)


class ContactForm(IdentifiedForm):
    """The new contact mobile."""

    msisdn = MobileField(label=_("New contact mobile"))


class ChangeContact(DeskAct):
    """Change the contact mobile, by a code to the present one or by a second person (R30, R31)."""

    name, key = "change_contact", "k"
    title = _("Change the contact mobile")
    button = _("Signed: change the contact mobile")
    consequence = _(
        "From this moment bills, codes and warnings go to the new number, and whoever is signed in "
        "with the old one is signed out. Both numbers are told by SMS. Without a code to the old "
        "number the new one only looks, stops and lowers for three days, and the old one is told "
        "on each of them. The CRM has to be told, too: until then its old number is overlooked."
    )
    done = _("The contact mobile is changed. Both numbers are told by SMS.")
    form_class = ContactForm
    asks_word = True

    def subject(self) -> Rows:
        return [*super().subject(), (_("Until now"), phone.spoken(self.contract.contact_msisdn))]

    def stands_on(self) -> dict[str, Any]:
        return {**super().stands_on(), "contact": self.contract.contact_msisdn}

    def shown(self, form: IdentifiedForm, name: str) -> Any:
        value = super().shown(form, name)
        return phone.spoken(value) if name == "msisdn" else value

    def code_is_for(self, form: IdentifiedForm) -> str:
        return f"{self.title}: {phone.masked(form.cleaned_data['msisdn'])}"

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        known, msisdn = self.contract.contact_msisdn, form.cleaned_data["msisdn"]
        if msisdn == known and self._is_disputed(at):
            contact.require_provable(self.contract, known, at)
        else:
            contact.require_changeable(self.contract, msisdn, known)

    def perform(self, signed: Signed) -> ContactChange | None:
        known, msisdn = self.contract.contact_msisdn, signed.cleaned["msisdn"]
        if msisdn == known and self._is_disputed(signed.at):
            contact.prove_contact(
                contract=self.contract, proof=signed.proof, known=known, **signed.words
            )
            return None
        return contact.change_contact(
            contract=self.contract,
            msisdn=msisdn,
            known=known,
            proof=signed.proof,
            evidence=signed.evidence,
            **signed.words,
        )

    def _is_disputed(self, at: datetime) -> bool:
        hold = contact_hold.standing(self.contract, at)
        return hold is not None and hold.disputed_at is not None


class DisputeContact(DeskAct):
    """«It was not me» (R31): a signature is enough, because the act only stops."""

    name, key = "dispute_contact", "w"
    title = _("The contact mobile was not changed by the Fixed Leader")
    button = _("Signed: stop it")
    consequence = _(
        "From this moment the new number loosens nothing and is signed out, and the Mobile Leader "
        "is stopped. It stays so until the contact mobile is proven anew in a shop, by a code to "
        "the number before or by a manager who sees the signed paper."
    )
    done = _("It is stopped until the contact mobile is proven anew in a shop.")

    def __init__(self, *args: Any):
        super().__init__(*args)
        self.hold = contact_hold.of_late(self.contract, portal_clock.now())

    def obstacle(self) -> Refusal | None:
        return None if self.hold else contact.NothingToDispute()

    def subject(self) -> Rows:
        if self.hold is None:
            return super().subject()
        before, now = phone.masked(self.hold.before), phone.masked(self.hold.after)
        return [*super().subject(), (_("Number before"), before), (_("Number now"), now)]

    def stands_on(self) -> dict[str, Any]:
        return {**super().stands_on(), "hold": self.hold.pk if self.hold else None}

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        contact.require_disputable(self.contract, at)

    def perform(self, signed: Signed) -> ContactHold:
        return contact_proof.dispute(contract=self.contract, word=signed.proof, **signed.words)
