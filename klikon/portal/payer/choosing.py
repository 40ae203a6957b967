"""Choose the Mobile Leader online, as the Fixed Leader (R3): a member, then a code.

The page with the code is the check page: before the last tap it says who may spend how much on
which bill. The code is valid for this member only and goes to the contact mobile. When that is the
very number that is named, the contract number printed on the fixed bill is needed, too, because a
person who only holds that phone does not have the bill. When the contact mobile changed hands, or
changed without a code in the last three days, nobody is named online
(klikon/leader/contact_proof.py). klikon/leader/naming.py decides who may name; no page does.
"""

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy

from groups import terms
from groups.models import Membership
from groups.proof import NAMING, code_about
from klikon.leader import contact_proof, naming
from klikon.models import Declaration, DeclarationChannel, LeaderAssignment
from klikon.papers import at_the_desk
from klikon.papers import declaration as pdf
from klikon.payer import limits
from klikon.portal import scope
from klikon.portal.payer.act import OpenGroupAct
from superfamilja.accounts.sign_in.lockout import client_address
from superfamilja.clock import portal_clock
from superfamilja.customers import browsers, codes
from superfamilja.customers.forms import SmsCodeForm
from superfamilja.customers.gate import FamilyRequest, family_required
from superfamilja.customers.models import CODE_LIVES
from superfamilja.customers.refusals import CodeRefused
from superfamilja.messages.models import OutgoingMessage
from superfamilja.messages.outbox import sms_of
from superfamilja.refusal import Refusal
from superfamilja.values.months import bill_month, month_of
from superfamilja.values.text_field import LineField

ASKED = "naming"  # in the session: the member, and the code that was sent for them


class NewLeaderForm(forms.Form):
    """The member who becomes Mobile Leader."""

    member = forms.ChoiceField(
        label=gettext_lazy("Who becomes the Mobile Leader?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose one of the members."),
            "invalid_choice": gettext_lazy("This member is not in the group any more."),
        },
    )

    def __init__(self, members: list[Membership], *args: Any) -> None:
        super().__init__(*args)
        cast(forms.ChoiceField, self.fields["member"]).choices = [
            (m.pk, m.known_as) for m in members
        ]


class ConfirmForm(SmsCodeForm):
    """The code and, where the phone alone proves too little, the number printed on the bill."""

    customer_code = LineField(
        label=gettext_lazy("The contract number printed on your fixed bill"),
        help_text=gettext_lazy(
            "At the top of the bill, for example SF1234567. It is asked for because the code went "
            "to a number that alone proves too little."
        ),
        max_length=40,
        error_messages={"required": gettext_lazy("Type the contract number of your fixed bill.")},
    )

    field_order = ["customer_code", "code"]

    def __init__(self, asks_for_the_bill: bool, *args: Any) -> None:
        super().__init__(*args)
        if not asks_for_the_bill:
            del self.fields["customer_code"]


class ChooseLeader(OpenGroupAct):
    """Choose, then check with the code, then it is done."""

    title = gettext_lazy("Choose the Mobile Leader")
    template = "portal/choose.html"
    check_template = "portal/choose_check.html"

    def make_form(self, *args: Any) -> forms.Form:
        return NewLeaderForm(self.members, *args)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        step = request.POST.get("step", "check")
        asked = request.session.get(ASKED, {})
        if step == "check":
            form = self.make_form(request.POST)
            if not form.is_valid():
                return self.show(self.template, form=form)
            return self._send(self._member(form.cleaned_data["member"]))
        member = self._member(asked.get("member"))
        if member is None or asked.get("contract") != self.contract.pk:
            return self._just_done() or redirect("choose_leader", self.contract.pk)
        return self._send(member) if step == "again" else self._confirm(member, asked)

    def _send(self, member: Membership | None) -> HttpResponse:
        if member is None:  # they left the group after the page was shown
            return redirect("choose_leader", self.contract.pk)
        now = portal_clock.now()
        in_force = terms.in_force(self.group, now)
        limit_lek = limits.group_limit_lek(self.group, in_force)
        to = self.contract.contact_msisdn
        if refusal := contact_proof.why_not_online(self.contract, now):
            return self.refused(self.make_form({"member": member.pk}), refusal)
        try:
            sent = codes.send(
                msisdn=to,
                purpose=NAMING,
                about=code_about(member),
                at=now,
                address=client_address(self.request) or "",
                known_browser=browsers.knows(self.request, to),
                sms=lambda digits: sms_of(
                    self.contract,
                    to,
                    "code_for_leader",
                    {
                        "code": digits,
                        "leader_number": member.msisdn,
                        "limit_lek": limit_lek,
                    },
                    why=NAMING,
                    about="",
                    expires_at=now + CODE_LIVES,
                ),
            )
        except CodeRefused as refusal:
            asked = self.request.session.get(ASKED, {})
            if (asked.get("contract"), asked.get("member")) == (self.contract.pk, member.pk):
                # the earlier code is still valid
                form = ConfirmForm(self._asks_for_the_bill(member))
                return self._check_page(member, form, refusal=refusal.text())
            return self.show(
                self.template, form=self.make_form({"member": member.pk}), refusal=refusal.text()
            )
        self.request.session[ASKED] = {
            "contract": self.contract.pk,
            "member": member.pk,
            "code": sent.pk,
        }
        return self._check_page(member, ConfirmForm(self._asks_for_the_bill(member)))

    def _confirm(self, member: Membership, asked: dict[str, Any]) -> HttpResponse:
        form = ConfirmForm(self._asks_for_the_bill(member), self.request.POST)
        if not form.is_valid():
            return self._check_page(member, form)
        typed = {**form.cleaned_data, "member": member, "sent": asked["code"]}
        try:
            assignment = self.perform(typed)
        except CodeRefused as refusal:
            if done := self._just_done(member):
                return done
            return self._check_page(member, form, refusal=refusal.text())
        except Refusal as refusal:
            return self.refused(self.make_form({"member": member.pk}), refusal)
        del self.request.session[ASKED]
        return redirect("declaration", assignment.declaration_id)

    def perform(self, cleaned: dict[str, Any]) -> LeaderAssignment:
        """Name the member of the check page, with what was typed there and which code was sent."""
        word = naming.NamingCode(
            code=cleaned["sent"],
            digits=cleaned["code"],
            bill_number=cleaned.get("customer_code", ""),
        )
        return naming.name_online(member=cleaned["member"], proof=word, at=portal_clock.now())

    def _just_done(self, member: Membership | None = None) -> HttpResponse | None:
        """Redirect a second tap to the Declaration of a moment ago."""
        standing = (
            LeaderAssignment.objects.of_group(self.group)
            .filter(
                declaration__channel=DeclarationChannel.ONLINE,
                assigned_at__gt=portal_clock.now() - CODE_LIVES,
            )
            .first()
        )
        if standing is None or (member and standing.member_id != member.pk):
            return None
        return redirect("declaration", standing.declaration_id)

    def _check_page(
        self, member: Membership, form: forms.Form, refusal: str | None = None
    ) -> HttpResponse:
        now = portal_clock.now()
        in_force = terms.in_force(self.group, now)
        limit_lek = limits.group_limit_lek(self.group, in_force)
        return self.show(
            self.check_template,
            form=form,
            refusal=refusal,
            member=member,
            limit=limits.spoken(limit_lek, in_force),
            terms=in_force,
            on_bill=bill_month(month_of(now)),
        )

    def show(self, template: str, **context: Any) -> HttpResponse:
        now = portal_clock.now()
        former = LeaderAssignment.objects.of_group(self.group).first()
        return super().show(
            template,
            contract=self.contract,
            members=self.members,
            former=former,
            now=now,
            **context,
        )

    def _member(self, pk: object) -> Membership | None:
        return next((m for m in self.members if str(m.pk) == str(pk)), None)

    def _asks_for_the_bill(self, member: Membership) -> bool:
        return naming.phone_proves_little(self.contract, member)


@family_required
def declaration(request: FamilyRequest, pk: int) -> HttpResponse:
    """Show the reference, what was declared, and who was told."""
    found = get_object_or_404(
        Declaration.objects.select_related("contract", "member", "group", "assignment"), pk=pk
    )
    contract = scope.contract_of(request, found.contract_id)
    in_force = terms.in_force(found.group, found.declared_at)
    told = OutgoingMessage.objects.filter(about=found.reference, why="leader_named").count()
    return render(
        request,
        "portal/declaration.html",
        {
            "contract": contract,
            "declaration": found,
            "limit": limits.spoken(limits.group_limit_lek(found.group, in_force), in_force),
            "told": told,
            "blank": at_the_desk.blank_signed_as(found),
        },
    )


@family_required
def declaration_pdf(request: FamilyRequest, pk: int) -> HttpResponse:
    """Send the Declaration's paper to the payer alone.

    One signed on a numbered form has none; its page says where the form is kept.
    """
    found = get_object_or_404(
        Declaration.objects.select_related("contract", "member", "group"), pk=pk
    )
    scope.contract_of(request, found.contract_id)
    if at_the_desk.blank_signed_as(found):
        return redirect("declaration", pk)
    # A shop's paper shows the whole contract number, which proves who has the bill. Here a copy
    # without it is made; the paper itself stays as it was signed.
    paper = pdf.paper_of(found) if found.channel == DeclarationChannel.ONLINE else None
    content = bytes(paper.content) if paper else pdf.render(found, masked=True)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.reference}.pdf"'
    return answer
