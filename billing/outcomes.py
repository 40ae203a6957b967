"""Settle a held charge, or reverse it whole (R13, R29). Repeating either changes nothing.

Lock order: months (earliest first), the charge, the entry.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from billing import charges
from billing.credits import credit_late_reversal
from billing.models import BillEntry, CarriedCharge, Charge, ChargeState, Reversal
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.refusal import Refusal
from superfamilja.values.months import month_of


class AlreadyReversed(Refusal):
    rule = "R29"
    code = "already_reversed"
    sentence = gettext_noop("Charge %(reference)s was reversed; it cannot be settled any more.")


class AlreadyCredited(Refusal):
    rule = "R13"
    code = "already_credited"
    sentence = gettext_noop(
        "Charge %(reference)s has credits, so it cannot be reversed whole. Credit the rest instead."
    )


@transaction.atomic
def settle(*, reference: str, at: datetime) -> Charge:
    """Settle the charge, because the product was delivered.

    A charge that was held when its month closed goes on the bill of the open month (R29).
    Raise AlreadyReversed or Charge.DoesNotExist.
    """
    charge = _locked(reference, at)
    if charge.state == ChargeState.SETTLED:
        return charge
    if charge.is_reversed:
        raise AlreadyReversed(reference=reference)
    _end(charge, ChargeState.SETTLED, at)
    if carried := _carried(charge):
        month = charges.open_month(at)
        charges.add_to_entry(charge.contract_id, month, carried_in_lek=charge.amount_lek)
        carried.into_month = month
        carried.save(update_fields=["into_month"])
    return charge


@transaction.atomic
def reverse(*, reference: str, at: datetime, reason: str, actor: User | None = None) -> Charge:
    """Reverse the whole charge. In an open month its room is free again (R13).

    After its month has closed, a held charge is on no bill and never will be. A billed charge gets
    a credit in the open month. Neither lowers `spent` of the closed month.
    Raise AlreadyCredited, ReasonMissing, AccountHeld or Charge.DoesNotExist.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    charge = _locked(reference, at)
    if charge.is_reversed:
        return charge
    require_reversible(charge)
    is_over = _is_over(charge)
    if is_over and charge.state == ChargeState.SETTLED:
        credit_late_reversal(charge, at=at, reason=reason, author=actor)
        return charge
    if not is_over:
        _give_room_back(charge)
    _end(charge, ChargeState.REVERSED, at)
    Reversal.objects.create(
        contract_id=charge.contract_id,
        charge=charge,
        reason=reason.strip(),
        reversed_at=at,
        actor=actor,
    )
    if actor:
        acts.record(
            "reverse_charge",
            actor=actor,
            at=at,
            contract_number=charge.contract.number,
            reason=reason,
            charge=reference,
            amount_lek=charge.amount_lek,
        )
    return charge


def require_reversible(charge: Charge) -> None:
    """Raise AlreadyCredited when a charge that is partly credited would be reversed whole.

    A charge that settled in a closed month is allowed, because only its rest is credited.
    """
    if not charge.credited_lek or charge.state == ChargeState.REVERSED:
        return
    if charge.state == ChargeState.HELD or not _is_over(charge):
        raise AlreadyCredited(reference=charge.reference)


def _is_over(charge: Charge) -> bool:
    """Return whether its month takes nothing back any more.

    A carried charge left its month for good, even if that month's close was cancelled later.
    """
    return charges.is_closed(charge.month) or _carried(charge) is not None


def _locked(reference: str, at: datetime) -> Charge:
    """Lock the months (shared), then the charge's row, and return the charge."""
    month = Charge.objects.values_list("month", flat=True).get(reference=reference)
    charges.lock_months_shared(month, month_of(at))
    return Charge.objects.select_for_update().get(reference=reference)


def _carried(charge: Charge) -> CarriedCharge | None:
    return CarriedCharge.objects.in_force().filter(charge=charge).first()


def _end(charge: Charge, state: ChargeState, at: datetime) -> None:
    charge.state, charge.outcome_at = state, charge.outcome_at or at
    charge.save(update_fields=["state", "outcome_at"])


def _give_room_back(charge: Charge) -> None:
    entry = BillEntry.objects.select_for_update().get(pk=charge.entry_id)
    entry.spent -= charge.amount_lek
    entry.save(update_fields=["spent"])
