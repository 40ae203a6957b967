"""Change the contact mobile here; the CRM is its master and learns of it later (docs/adr/0013).

A change without a code to the old number begins a hold of 72 hours (R31, contact_hold.py).

The contract's row is locked. So the second of two simultaneous changes sees the first, and a
subscriber file writes either before or after. Activations take no such lock, because no rule
depends on where an SMS goes.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from groups import contact_hold
from groups.models import ContactChange, ContactHold, ContactHoldCause, Contract, ContractStatus
from groups.proof import (
    PaperWithSecondPerson,
    Proof,
    recorded,
    require_loosening,
    require_tightening,
)
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.messages import outbox
from superfamilja.messages.outbox import sms_of
from superfamilja.refusal import Refusal
from superfamilja.values import phone

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
    """Another person or the CRM changed the contact mobile in the meantime."""

    code = "contact_moved"
    sentence = gettext_noop(
        "The contact mobile has changed in the meantime. Begin anew from the page of the contract."
    )


class ContactOfAnother(ContactRefused):
    """The number is another owner's contact.

    If both had it, neither could sign in (customers/people.py).
    """

    code = "contact_of_another"
    sentence = gettext_noop(
        "Another owner has given this number as his contact. Each owner needs a number of his own: "
        "take another one."
    )


class NothingToDispute(ContactRefused):
    rule = "R31"
    code = "nothing_to_dispute"
    sentence = gettext_noop(
        "The contact mobile was not changed without a code in the last 30 days. Look at the "
        "history of the contract."
    )


class NotDisputed(ContactRefused):
    rule = "R31"
    code = "contact_not_disputed"
    sentence = gettext_noop("Nobody said that the contact mobile is wrong.")


@transaction.atomic
def change_contact(
    *,
    contract: Contract,
    msisdn: str,
    proof: Proof | None,
    evidence: str,
    at: datetime,
    known: str | None = None,
    actor: User | None = None,
    reason: str = "",
) -> ContactChange:
    """Make this mobile number (E.164) the contact of the contract, and tell both numbers.

    `proof` decides (R30): a code to the old number proves the new one, a second person begins a
    hold (R31). `known` is the number that was the contact when the paper or the code was made;
    `evidence` says in words what was shown. Raises the refusals of groups.proof, ContractOver,
    ContactMoved, SameContact, ContactOfAnother, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    # NO KEY lets charges, which only refer to the contract, go on without waiting.
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    require_changeable(contract, msisdn, known)
    require_loosening(proof, contract, acts=("change_contact",), at=at)
    before = contract.contact_msisdn
    hold = _hold_or_prove(contract, msisdn, proof, at)
    Contract.objects.filter(pk=contract.pk).update(contact_msisdn=msisdn)
    change = ContactChange.objects.create(
        contract=contract,
        before=before,
        after=msisdn,
        evidence=evidence.strip(),
        changed_at=at,
        changed_by=actor,
    )
    acts.record(
        "change_contact",
        actor=actor,
        at=at,
        contract_number=contract.number,
        reason=reason,
        change=change.pk,
        before=phone.masked(before),
        after=phone.masked(msisdn),
        **recorded(proof),
    )
    _tell(contract, change, at)
    if hold:
        contact_hold.warn([hold], at=at, first=1 if hold.before == before else 0)
    return change


@transaction.atomic
def prove_contact(
    *,
    contract: Contract,
    proof: Proof | None,
    known: str,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
) -> None:
    """Settle a dispute: the present contact mobile is the Fixed Leader's after all.

    A second person's word begins the 72 hours anew. Raises the refusals of groups.proof,
    ContactMoved, NotDisputed, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    contract = require_loosening(proof, contract, acts=("change_contact",), at=at)
    require_provable(contract, known, at)
    hold = _hold_or_prove(contract, contract.contact_msisdn, proof, at)
    acts.record(
        "prove_contact",
        actor=actor,
        at=at,
        contract_number=contract.number,
        reason=reason,
        number=phone.masked(contract.contact_msisdn),
        **recorded(proof),
    )
    if hold:
        contact_hold.warn([hold], at=at)


@transaction.atomic
def dispute_contact(
    *, contract: Contract, proof: Proof, at: datetime, actor: User, reason: str
) -> ContactHold:
    """Record that the Fixed Leader did not change the contact mobile.

    From then on it loosens nothing until it is proven anew. A repeated call changes nothing. Raises
    CallIdMissing, NothingToDispute, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    require_tightening(proof, contract)
    hold = require_disputable(contract, at)
    if hold.disputed_at:
        return hold
    hold.disputed_at, hold.disputed_by = max(at, hold.began_at), actor
    hold.save(update_fields=["disputed_at", "disputed_by"])
    acts.record(
        "dispute_contact",
        actor=actor,
        at=at,
        contract_number=contract.number,
        reason=reason,
        number=phone.masked(hold.after),
        **recorded(proof),
    )
    return hold


def require_provable(contract: Contract, known: str, at: datetime) -> None:
    """Raise what `prove_contact` refuses: ContactMoved, NotDisputed."""
    if contract.contact_msisdn != known:
        raise ContactMoved
    disputed = contact_hold.standing(contract, at)
    if disputed is None or disputed.disputed_at is None:
        raise NotDisputed


def require_disputable(contract: Contract, at: datetime) -> ContactHold:
    """Return the hold to dispute. Raise NothingToDispute when there is no recent one."""
    hold = contact_hold.of_late(contract, at)
    if hold is None:
        raise NothingToDispute
    return hold


def _hold_or_prove(
    contract: Contract, msisdn: str, proof: Proof | None, at: datetime
) -> ContactHold | None:
    """Begin the 72 hours when no code proved the change.

    A return to the number that was proven before needs no hold.
    """
    is_back = msisdn == contact_hold.proven_number(contract, at)
    if isinstance(proof, PaperWithSecondPerson) and not is_back:
        return contact_hold.begin(
            contract, after=msisdn, cause=ContactHoldCause.SECOND_PERSON, at=at
        )
    # A change by codes between two new numbers proves nothing about the number before both. An
    # expired hold stays, so that the owner of that number can still say "it was not me".
    if is_back or contact_hold.standing(contract, at):
        contact_hold.end(contract, at)
    return None


def require_changeable(contract: Contract, msisdn: str, known: str | None) -> None:
    """Raise what `change_contact` refuses.

    That is ContractOver, ContactMoved, SameContact or ContactOfAnother.
    """
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
    """Tell both numbers, because an owner who lost the contact unknowingly learns where to go."""
    told = {
        "before": change.before,
        "after": change.after,
        "fixed_number": contract.fixed_number,
    }
    messages = [
        sms_of(contract, number, TOLD, {**told, "is_before": is_before}, about=f"T-{change.pk}")
        for number, is_before in [(change.before, True), (change.after, False)]
    ]
    outbox.write(messages, at=at)
