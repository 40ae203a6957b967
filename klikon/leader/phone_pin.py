"""The PIN of the phone channel: the payer sets it, 130 asks for it above the terms' amount.

No rule of the seed covers it, so it has no rule number. It belongs to a leadership and neither to a
number nor to the group: a later leader, or a later owner of the number, never knows an earlier PIN.
Only a slow salted hash is stored. Three wrong tries lock the whole phone channel for this leader
(klikon/activation/rules.py, `require_channel`), until the payer unlocks it or sets another PIN.
"""

import re
from datetime import date, datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_variables

from groups.membership import lock_group
from groups.proof import Proof, recorded, require_loosening, require_tightening
from klikon.activation import refusals
from klikon.leader.standing import lock_leadership, record
from klikon.models import LeaderAssignment, PhonePin
from klikon.models.phone_pin import WRONG_AT_MOST
from klikon.payer import loosened_messages
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.messages import outbox
from superfamilja.messages.outbox import sms_of
from superfamilja.refusal import Refusal

_SHAPE = re.compile(r"[0-9]{4,6}", re.ASCII)
_YEAR = re.compile(r"(19|20)[0-9]{2}", re.ASCII)
_LADDER = "01234567890"


class PinShape(Refusal):
    rule = "phone PIN"
    code = "pin_shape"
    sentence = gettext_noop("A PIN has 4, 5 or 6 digits and nothing else.")


class PinTooEasy(Refusal):
    rule = "phone PIN"
    code = "pin_too_easy"
    sentence = gettext_noop(
        "Choose a PIN that nobody guesses: not one digit over and over, no digits in a row, no "
        "year, no date of birth and no part of the family's numbers."
    )


class NoPin(Refusal):
    rule = "phone PIN"
    code = "no_pin"
    sentence = gettext_noop("No PIN is set. The Fixed Leader sets it online.")


class WrongPin(Refusal):
    rule = "phone PIN"
    code = "wrong_pin"
    sentence = gettext_noop("The PIN is wrong. Tries left: %(left)s.")


class NotLocked(Refusal):
    rule = "phone PIN"
    code = "phone_not_locked"
    sentence = gettext_noop("The phone channel is not locked.")


@sensitive_variables("pin", "hashed")
def set_pin(
    *,
    leader: LeaderAssignment,
    pin: str,
    proof: Proof | None,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
) -> PhonePin:
    """Set the PIN, or another one: the one before ends, and with it a lock.

    It takes a proof that loosens (R30). Raises the refusals of groups.proof, PinShape, PinTooEasy,
    klikon.leader.refusals.NoLeader, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    if not _SHAPE.fullmatch(pin):
        raise PinShape
    if _is_easy(pin, leader):
        raise PinTooEasy
    hashed = make_password(pin)  # slow on purpose, so before any lock
    with transaction.atomic():
        group, _leader = lock_leadership(leader)
        require_loosening(proof, group.contract, acts=(), at=at)
        before = current(leader)
        at = max(at, before.set_at) if before else at
        if before:
            _end(before, at)
        row = PhonePin.objects.create(assignment=leader, pin_hash=hashed, set_at=at, set_by=actor)
        act = record(
            "set_phone_pin", group, leader, at=at, actor=actor, reason=reason, **recorded(proof)
        )
        loosened_messages.pin_set(group.contract, act.pk, at)
    return row


@transaction.atomic
def remove_pin(
    *,
    leader: LeaderAssignment,
    at: datetime,
    proof: Proof | None = None,
    actor: User | None = None,
    reason: str = "",
) -> PhonePin:
    """Remove the PIN; until one is set, nothing above the terms' amount is activated by phone.

    A lock ends with it: then it takes a proof that loosens (R30). Raises the refusals of
    groups.proof, NoPin, klikon.leader.refusals.NoLeader, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group, _leader = lock_leadership(leader)
    # Held: a third wrong try at this moment would lock it, and a lock takes a proof to end.
    row = require_set(_held(leader))
    if row.locked_at is not None:
        require_loosening(proof, group.contract, acts=("reset_pin",), at=at)
    else:
        require_tightening(proof, group.contract)
    at = max(at, row.set_at)
    _end(row, at)
    act = record(
        "remove_phone_pin", group, leader, at=at, actor=actor, reason=reason, **recorded(proof)
    )
    if row.locked_at is not None:
        loosened_messages.phone_unlocked(group.contract, act.pk, at)
    return row


@transaction.atomic
def unlock(
    *,
    leader: LeaderAssignment,
    proof: Proof | None,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
) -> PhonePin:
    """Unlock the PIN: it may be tried three times again (R30).

    Raises the refusals of groups.proof, NotLocked, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group = lock_group(leader.group_id)
    row = require_locked(_held(leader))
    contract = require_loosening(proof, group.contract, acts=("unlock_phone",), at=at)
    row.wrong_tries, row.locked_at = 0, None
    row.save(update_fields=["wrong_tries", "locked_at"])
    act = record(
        "unlock_phone", group, leader, at=at, actor=actor, reason=reason, **recorded(proof)
    )
    loosened_messages.phone_unlocked(contract, act.pk, at)
    return row


@sensitive_variables("pin")
def check(*, leader: LeaderAssignment, pin: str, at: datetime) -> None:
    """Check the PIN; a right one clears the wrong tries.

    Each wrong try is counted in a transaction of its own before the refusal, one after the other,
    so that two at once count two. The third locks the phone channel, and the payer is told. Raises
    NoPin, WrongPin, klikon.activation.refusals.PhoneLocked.
    """
    with transaction.atomic(durable=True):
        refusal = _tried(leader, pin, at)
    if refusal is not None:
        raise refusal


def current(leader: LeaderAssignment) -> PhonePin | None:
    """Return the PIN in force of this leadership, locked or not; None without one."""
    return PhonePin.objects.filter(assignment=leader, ended_at=None).first()


def require_set(row: PhonePin | None) -> PhonePin:
    """Return the PIN in force. Raise NoPin when there is none."""
    if row is None:
        raise NoPin
    return row


def require_locked(row: PhonePin | None) -> PhonePin:
    """Return the PIN that is locked. Raise NotLocked when it is not."""
    if row is None or row.locked_at is None:
        raise NotLocked
    return row


def _held(leader: LeaderAssignment) -> PhonePin | None:
    """Return the PIN in force, its row locked; after the group's row where both are needed."""
    return PhonePin.objects.select_for_update().filter(assignment=leader, ended_at=None).first()


@sensitive_variables("pin")
def _tried(leader: LeaderAssignment, pin: str, at: datetime) -> Refusal | None:
    # Locked while the hash is computed, so that guesses on many lines wait in a queue.
    row = _held(leader)
    if row is None:
        return NoPin()
    if row.locked_at is not None:
        return refusals.PhoneLocked()
    if _SHAPE.fullmatch(pin) and check_password(pin, row.pin_hash):
        if row.wrong_tries:
            row.wrong_tries = 0
            row.save(update_fields=["wrong_tries"])
        return None
    row.wrong_tries += 1
    locked = row.wrong_tries == WRONG_AT_MOST
    row.locked_at = at if locked else None
    row.save(update_fields=["wrong_tries", "locked_at"])
    if not locked:
        return WrongPin(left=WRONG_AT_MOST - row.wrong_tries)
    _tell_locked(leader, at)
    return refusals.PhoneLocked()


@sensitive_variables("pin")
def _is_easy(pin: str, leader: LeaderAssignment) -> bool:
    contract = leader.group.contract
    numbers = (
        leader.member.msisdn,
        contract.contact_msisdn,
        contract.fixed_number,
        re.sub(r"\D", "", contract.number),
    )
    over_and_over = any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3))
    in_a_row = pin in _LADDER or pin[::-1] in _LADDER
    return (
        over_and_over
        or in_a_row
        or _YEAR.fullmatch(pin) is not None
        or (len(pin) == 6 and _is_a_date(pin))
        or any(pin in number for number in numbers)
    )


@sensitive_variables("pin")
def _is_a_date(pin: str) -> bool:
    """Return whether it is day, month and year of two digits each, in either direction."""
    first, month, last = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    return _is_a_day(first, month) or _is_a_day(last, month)


def _is_a_day(day: int, month: int) -> bool:
    try:
        date(2000, month, day)
    except ValueError:
        return False
    return True


def _end(row: PhonePin, at: datetime) -> None:
    PhonePin.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at)


def _tell_locked(leader: LeaderAssignment, at: datetime) -> None:
    contract = leader.group.contract
    act = record("lock_phone", leader.group, leader, at=at, actor=None, reason="")
    told = sms_of(
        contract,
        contract.contact_msisdn,
        "phone_locked",
        {"leader_name": leader.member.name, "leader_number": leader.member.msisdn},
        about=f"P-{act.pk}",
    )
    outbox.write([told], at=at)
