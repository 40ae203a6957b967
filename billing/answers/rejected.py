"""The ways out for a line that fixed billing rejected: sent again, or credited.

Lock order: the month, its row, the parked entry, the charges, the entry.
"""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from billing.answers import settling
from billing.bill import ON_THE_BILLS
from billing.charges import lock_months_shared
from billing.credits import credit_unbilled
from billing.models import BillMonth, Charge, CreditSentence, ParkedEntry, Resolution
from billing.month import parked as parking
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.refusal import Refusal


class NothingToCredit(Refusal):
    rule = "R13"
    code = "nothing_to_credit"
    sentence = gettext_noop(
        "Nothing of this entry can be credited any more: send it again, so that it is billed."
    )


@transaction.atomic
def send_again(*, parked: ParkedEntry, at: datetime, actor: User, reason: str) -> ParkedEntry:
    """Put the same amount into the next supplement: fixed billing can take it now.

    Raises NotParked, NotRejected, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    parked = parking.locked_waiting(parked)
    parking.require_rejected(parked)
    return parking.resolve(parked, Resolution.SENT_AGAIN, at=at, actor=actor, reason=reason)


@transaction.atomic
def credit_rejected(
    *,
    parked: ParkedEntry,
    at: datetime,
    actor: User,
    reason: str,
    told: str = CreditSentence.CORRECTION,
) -> ParkedEntry:
    """Credit what is left of each charge on it, in the entry's own month: it was never billed, so
    the next bill is not lowered by it (R13). What then remains, because of credits that stand on
    other bills, follows in a supplement.

    Raises NotParked, NotRejected, NothingToCredit, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    _one_month_after_the_other(parked)
    parked = parking.locked_waiting(parked)
    parking.require_rejected(parked)
    charges = _charges_on(parked)
    if not any(charge.creditable_lek for charge in charges):
        raise NothingToCredit
    for charge in charges:
        if charge.creditable_lek:
            credit_unbilled(
                charge,
                parked.entry_id,
                parked.month,
                at=at,
                reason=reason,
                author=actor,
                told=told,
            )
    parked = parking.resolve(parked, Resolution.CREDITED, at=at, actor=actor, reason=reason)
    settling.settle_if_even(parked.month, at)
    return parked


def _one_month_after_the_other(parked: ParkedEntry) -> None:
    """Lock the month's row: the last two credits of a month see one another, and it is settled."""
    lock_months_shared(parked.month)
    BillMonth.objects.select_for_update().get(month=parked.month)


def require_creditable(parked: ParkedEntry) -> None:
    """Raise what `credit_rejected` refuses as things stand: NotRejected, NothingToCredit."""
    parking.require_rejected(parked)
    if not any(charge.creditable_lek for charge in _charges_on(parked, lock=False)):
        raise NothingToCredit


def _charges_on(parked: ParkedEntry, *, lock: bool = True) -> list[Charge]:
    """The charges of the rejected line, those that were carried in included."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT b.charge_id FROM ({ON_THE_BILLS}) b WHERE b.entry_id = %(entry)s",  # noqa: S608
            {"month": parked.month, "entry": parked.entry_id},
        )
        keys = [key for (key,) in cursor.fetchall()]
    found = Charge.objects.filter(pk__in=keys).order_by("pk")
    return list(found.select_for_update() if lock else found)
