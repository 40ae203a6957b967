"""Hold a new contact mobile for three days, in which it only tightens (R31), and warn the old one.

A change that no code to the old number proved begins a hold. Codes of the number that was proven
before still count. That number is warned at once and on each day. When its owner objects in a shop
or by phone, the hold stays until the contact mobile is proven anew.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from groups.models import ContactHold, ContactHoldCause, Contract
from superfamilja.messages import outbox
from superfamilja.messages.outbox import Sms, sms_of

HELD = timedelta(hours=72)
LATELY = timedelta(days=30)
A_DAY = timedelta(days=1)
WARNINGS = 3  # at once, after one day, after two
WARNED = "contact_warned"


def standing(contract: Contract, at: datetime) -> ContactHold | None:
    """Return the hold that binds the contact mobile at that moment."""
    holds = ContactHold.objects.filter(contract=contract, ended_at=None)
    return holds.filter(Q(until__gt=at) | Q(disputed_at__isnull=False)).first()


def of_late(contract: Contract, at: datetime) -> ContactHold | None:
    """Return the hold of the last 30 days that nobody has ended, expired or not."""
    holds = ContactHold.objects.filter(contract=contract, ended_at=None)
    return holds.filter(Q(began_at__gt=at - LATELY) | Q(disputed_at__isnull=False)).first()


def proven_number(contract: Contract, at: datetime) -> str:
    """Return the number that was proven last; during a hold that is the one before it."""
    hold = standing(contract, at)
    return hold.before if hold else contract.contact_msisdn


def numbers_before(contract: Contract, at: datetime) -> list[str]:
    """Return the numbers that a change without their code replaced in the last 30 days."""
    holds = ContactHold.objects.filter(contract=contract, began_at__gt=at - LATELY)
    before = holds.exclude(before=contract.contact_msisdn).order_by("pk")
    return list(dict.fromkeys(before.values_list("before", flat=True)))


def begin(contract: Contract, *, after: str, cause: ContactHoldCause, at: datetime) -> ContactHold:
    """Begin a hold; a standing one ends, and the number proven before it stays the proven one."""
    before = proven_number(contract, at)
    end(contract, at)
    return ContactHold.objects.create(
        contract=contract, before=before, after=after, cause=cause, began_at=at, until=at + HELD
    )


def end(contract: Contract, at: datetime) -> None:
    """End the hold, because the contact mobile is proven. Unsent warnings are withdrawn."""
    for hold in ContactHold.objects.filter(contract=contract, ended_at=None):
        ContactHold.objects.filter(pk=hold.pk).update(ended_at=max(at, hold.began_at))
        withdraw_warnings(hold)


def withdraw_warnings(hold: ContactHold) -> None:
    """Withdraw the warnings that wait for their day."""
    for day in range(WARNINGS):
        outbox.withdraw(about=_about(hold), why=_why(day))


def warn(holds: list[ContactHold], *, at: datetime, first: int = 0) -> None:
    """Write the warnings to the number before; `first` is 1 when another message tells it today."""
    told = [_warning(hold, day, at) for hold in holds for day in range(first, WARNINGS)]
    outbox.write(told, at=at)


def _warning(hold: ContactHold, day: int, at: datetime) -> Sms:
    contract = hold.contract
    return sms_of(
        contract,
        hold.before,
        WARNED,
        {"before": hold.before, "after": hold.after, "fixed_number": contract.fixed_number},
        why=_why(day),
        about=_about(hold),
        due_at=at + day * A_DAY,
    )


def _about(hold: ContactHold) -> str:
    return f"H-{hold.pk}"


def _why(day: int) -> str:
    return f"{WARNED}_{day + 1}"
