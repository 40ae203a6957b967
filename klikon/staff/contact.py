"""«It was not me»: record a call in which the Fixed Leader disowns the contact mobile (R31)."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from groups import contact, contact_hold
from groups.models import ContactHold, Contract
from groups.proof import RecordedCall, require_suitable
from klikon.leader import contact_proof
from klikon.staff.act import Rows, contract_rows
from klikon.staff.forms import AskedForm
from superfamilja.accounts.site.act_page import ContractActPage
from superfamilja.clock import portal_clock
from superfamilja.values import phone


class DisputeContactPage(ContractActPage):
    """Stop what the new number could loosen, and the Mobile Leader with it."""

    permission_required = ("klikon.freeze_leader", "groups.view_contract")
    form_class = AskedForm
    title = _("The Fixed Leader did not change the contact mobile")
    button = _("Yes, stop it")
    consequence = _(
        "From this moment the new number loosens nothing and is signed out, and the Mobile Leader "
        "is stopped. It stays so until the contact mobile is proven anew in a shop, by a code to "
        "the number before or by a manager who sees the signed paper."
    )
    done = _("It is stopped until the contact mobile is proven anew in a shop.")
    contract: Contract

    def load(self, pk: int) -> None:
        self.contract = get_object_or_404(Contract, pk=pk)

    def contract_id(self) -> int:
        return self.contract.pk

    def subject(self) -> Rows:
        hold = contact_hold.of_late(self.contract, portal_clock.now())
        rows: Rows = contract_rows(self.contract)
        if hold:
            rows = [
                *rows,
                (_("Number before"), phone.masked(hold.before)),
                (_("Number now"), phone.masked(hold.after)),
            ]
        return rows

    def require(self, cleaned: dict[str, Any]) -> None:
        contact.require_disputable(self.contract, portal_clock.now())
        require_suitable(RecordedCall(call=cleaned["call"]), self.contract, loosens=False)

    def perform(self, cleaned: dict[str, Any]) -> ContactHold:
        return contact_proof.dispute(
            contract=self.contract,
            word=RecordedCall(call=cleaned["call"]),
            at=portal_clock.now(),
            actor=self.actor,
            reason=cleaned["reason"],
        )
