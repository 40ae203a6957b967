"""The contact mobile, changed here: the CRM is its master and hears of it later (docs/adr/0013).

The contract's row is locked, so that of two changes at once the second sees the first, and a
subscriber file that is on its way writes before or after. No lock of an activation is touched:
whom an SMS goes to is no rule.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from groups.models import ContactChange, Contract, ContractStatus
from superfamilja import phone
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.messages import outbox
from superfamilja.messages.outbox import Sms
from superfamilja.refusal import Refusal

TOLD = "contact_changed"


class ContactRefused(Refusal):
    """Base of every refusal to change the contact mobile."""

    rule = "contact"


class ContractOver(ContactRefused):
    code = "contract_over"
    sentence = gettext_noop("Contract %(contract)s has ended: its contact stays as it was.")


class SameContact(ContactRefused):
    code = "same_contact"
    sentence = gettext_noop("This number already is the contact mobile of this contract.")


class ContactMoved(ContactRefused):
    """Somebody else, or the CRM, changed it while this change was on its way."""

    code = "contact_moved"
    sentence = gettext_noop(
        "The contact mobile has changed in the meantime. Begin anew from the page of the contract."
    )


class ContactOfAnother(ContactRefused):
    """Two owners of one number would both be shut out (superfamilja/customers/people.py)."""

    code = "contact_of_another"
    sentence = gettext_noop(
        "Another owner has given this number as his contact. Each owner needs a number of his own: "
        "take another one."
    )


class ContactEvidenceMissing(ContactRefused):
    code = "contact_evidence_missing"
    sentence = gettext_noop("Write the document that was shown: its kind and its number.")


@transaction.atomic
def change_contact(
    *,
    contract: Contract,
    msisdn: str,
    evidence: str,
    at: datetime,
    known: str | None = None,
    actor: User | None = None,
    reason: str = "",
) -> ContactChange:
    """Make this mobile number (E.164) the contact of the contract, and tell both numbers.

    `known` is the number that was proved to be the contact; None: the document speaks for it.
    `evidence` says what shows that the Fixed Leader wants it. Raises ContractOver, ContactMoved,
    SameContact, ContactOfAnother, ContactEvidenceMissing, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    if not evidence.strip():
        raise ContactEvidenceMissing
    # NO KEY: a charge, which only points at the contract, does not wait.
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    _require_changeable(contract, msisdn, known)
    before = contract.contact_msisdn
    Contract.objects.filter(pk=contract.pk).update(contact_msisdn=msisdn)
    change = ContactChange.objects.create(
        contract=contract, before=before, after=msisdn, evidence=evidence.strip(), changed_at=at,
        changed_by=actor,
    )  # fmt: skip
    acts.record(
        "change_contact", actor=actor, at=at, contract_number=contract.number, reason=reason,
        change=change.pk, before=phone.masked(before), after=phone.masked(msisdn),
    )  # fmt: skip
    _tell(contract, change, at)
    return change


def _require_changeable(contract: Contract, msisdn: str, known: str | None) -> None:
    if contract.status == ContractStatus.ENDED:
        raise ContractOver(contract=contract.number)
    if known is not None and known != contract.contact_msisdn:
        raise ContactMoved
    if msisdn == contract.contact_msisdn:
        raise SameContact
    of_this_number = Contract.objects.filter(contact_msisdn=msisdn)
    others = of_this_number.exclude(status=ContractStatus.ENDED)
    if others.exclude(owner_nid=contract.owner_nid).exists():
        raise ContactOfAnother


def _tell(contract: Contract, change: ContactChange, at: datetime) -> None:
    """Both numbers: whoever lost the contact without knowing of it learns where to go."""
    told = [
        Sms(
            to=number, template=TOLD, language=contract.language, why=TOLD, about=f"T-{change.pk}",
            contract_number=contract.number,
            parameters={
                "before": change.before, "after": change.after,
                "fixed_number": contract.fixed_number, "is_before": number == change.before,
            },
        )
        for number in (change.before, change.after)
    ]  # fmt: skip
    outbox.write(told, at=at)
