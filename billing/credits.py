"""Credits: corrections in the open month, each of which names the charge that it corrects (R13)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from billing import charges
from billing.models import BillEntry, Charge, ChargeState, Credit, CreditKind, CreditSentence
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek


class CreditTooLarge(Refusal):
    rule = "R13"
    code = "credit_too_large"
    sentence = gettext_noop(
        "Reversal and credits together never exceed their charge: at most %(left)s more."
    )


class ChargeNotSettled(Refusal):
    rule = "R29"
    code = "charge_not_settled"
    sentence = gettext_noop(
        "Only a settled charge can be credited. While it is being verified, wait for its outcome; "
        "a reversed one is not on any bill."
    )


class CreditKeyUsed(Refusal):
    rule = "R21"
    code = "credit_key_used"
    sentence = gettext_noop(
        "This request was already used for something else. Begin anew; nothing was credited."
    )


@transaction.atomic
def give_credit(
    *,
    charge: Charge,
    amount_lek: int,
    key: str,
    at: datetime,
    actor: User,
    reason: str,
    told: str = CreditSentence.CORRECTION,
) -> Credit:
    """Give a goodwill credit on the open month's bill; it never gives room back (R13, E15).

    The customer reads the sentence `told` and never the reason. The same key returns the same
    credit (R21). Raises CreditTooLarge, ChargeNotSettled, CreditKeyUsed, ReasonMissing,
    AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    month = charges.open_month(at)
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    if earlier := Credit.objects.filter(contract_id=charge.contract_id, key=key).first():
        asked = (charge.pk, amount_lek, told)
        if (earlier.charge_id, earlier.amount_lek, earlier.told) != asked:
            raise CreditKeyUsed
        return earlier
    require_creditable(charge, amount_lek)
    credit = _write(
        charge,
        month=month,
        amount_lek=amount_lek,
        kind=CreditKind.GOODWILL,
        key=key,
        at=at,
        reason=reason,
        author=actor,
        told=told,
    )
    acts.record(
        "give_credit",
        actor=actor,
        at=at,
        contract_number=charge.contract.number,
        reason=reason,
        charge=charge.reference,
        amount_lek=amount_lek,
        told=str(told),
    )
    return credit


def require_creditable(charge: Charge, amount_lek: int) -> None:
    """Raise what `give_credit` refuses for this charge: ChargeNotSettled, CreditTooLarge."""
    if charge.state != ChargeState.SETTLED:
        raise ChargeNotSettled
    left = charge.amount_lek - charge.credited_lek
    if not 0 < amount_lek <= left:
        raise CreditTooLarge(left=lek(left))


def credit_late_reversal(
    charge: Charge, *, at: datetime, reason: str, author: User | None
) -> Credit | None:
    """Credit the rest of a billed charge in the open month, because its own month has closed (R13).

    The caller holds the charge's row. Return None when the whole charge was credited before.
    """
    left = charge.amount_lek - charge.credited_lek
    if not left:
        return None
    return _write(
        charge,
        month=charges.open_month(at),
        amount_lek=left,
        kind=CreditKind.LATE_REVERSAL,
        key=f"late-reversal-{charge.reference}",
        at=at,
        reason=reason,
        author=author,
        told=CreditSentence.TAKEN_BACK,
    )


def credit_unbilled(
    charge: Charge,
    entry_id: int,
    month: date,
    *,
    at: datetime,
    reason: str,
    author: User,
    told: str,
) -> Credit:
    """Credit what is left of a charge in the month of a line that fixed billing rejected (R13).

    The caller holds the charge's row and the parked entry's: only while it waits its month takes
    this credit, and no other.
    """
    left = charge.creditable_lek
    Charge.objects.filter(pk=charge.pk).update(credited_lek=F("credited_lek") + left)
    BillEntry.objects.filter(pk=entry_id).update(adjusted=F("adjusted") - left)
    return Credit.objects.create(
        contract_id=charge.contract_id,
        charge=charge,
        entry_id=entry_id,
        month=month,
        amount_lek=left,
        kind=CreditKind.UNBILLED,
        reason=reason.strip()[:300],
        key=f"unbilled-{charge.reference}",
        credited_at=at,
        author=author,
        told=told,
    )


def _write(
    charge: Charge,
    *,
    month: date,
    amount_lek: int,
    kind: CreditKind,
    key: str,
    at: datetime,
    reason: str,
    author: User | None,
    told: str,
) -> Credit:
    # The database does the addition, so that its CHECK stops what the row's lock should prevent.
    Charge.objects.filter(pk=charge.pk).update(credited_lek=F("credited_lek") + amount_lek)
    entry_id = charges.add_to_entry(charge.contract_id, month, adjusted_lek=-amount_lek)
    return Credit.objects.create(
        contract_id=charge.contract_id,
        charge=charge,
        entry_id=entry_id,
        month=month,
        amount_lek=amount_lek,
        kind=kind,
        reason=reason.strip(),
        key=key,
        credited_at=at,
        author=author,
        told=told,
    )
