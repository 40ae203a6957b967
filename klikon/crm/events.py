"""Take what the CRM tells: call the verb that already exists for it, and keep the event.

The event and what it leads to are one transaction. The same key is the same event, however often it
is told (R21).
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from groups import membership
from groups.models import Contract, ContractStatus, Membership
from klikon.crm.models import CrmEvent, CrmEventKind, CrmOutcome
from klikon.leader import freezes
from klikon.models import FreezeCause
from superfamilja.data.database import constraint_of
from superfamilja.values import phone, texts

_OF_NUMBERS = {
    CrmEventKind.SIM_SWAP: FreezeCause.SIM_SWAPPED,
    CrmEventKind.PORT_OUT: FreezeCause.PORTED,
    CrmEventKind.REASSIGNED: FreezeCause.REASSIGNED,
}
_OF_CONTRACTS = {
    CrmEventKind.SUSPENDED: ContractStatus.SUSPENDED,
    CrmEventKind.REACTIVATED: ContractStatus.ACTIVE,
}
LONGEST_CONTRACT = 40
CLOCKS_APART = timedelta(minutes=5)
OLDEST_YEAR = 2000  # an empty date of another system is the year 1


class NotUnderstood(Exception):  # noqa: N818 - an answer to the CRM; says what to send
    """The event lacks something, or holds something that cannot be."""


class KeyOfAnother(Exception):  # noqa: N818 - an answer to the CRM
    """The key was used for another event (R21)."""


class TooManyUnknown(Exception):  # noqa: N818 - an answer: come again later
    """A day's events that nobody here knows are kept already."""


@dataclass(frozen=True)
class ToldEvent:
    """One event as the CRM tells it: of a number or of a contract."""

    kind: CrmEventKind
    happened_at: datetime
    msisdn: str = ""
    contract_number: str = ""

    @classmethod
    def of(cls, said: dict[str, Any], at: datetime) -> "ToldEvent":
        """Read an event's JSON. Raises NotUnderstood."""
        kind = _kind(said.get("event"))
        happened = _moment(said.get("happened_at"), at)
        if kind in _OF_NUMBERS:
            return cls(kind, happened, msisdn=_number(said.get("msisdn")))
        return cls(kind, happened, contract_number=_contract(said.get("contract")))

    @property
    def digest(self) -> str:
        """What makes it this event and no other."""
        return hashlib.sha256(json.dumps(asdict(self), default=str).encode()).hexdigest()


def take_event(told: ToldEvent, *, key: str, at: datetime) -> CrmEvent:
    """Do what the event asks for and keep it; told again, give the first one back.

    Raises KeyOfAnother, TooManyUnknown.
    """
    if before := CrmEvent.objects.filter(key=key).first():
        return _same(before, told)
    try:
        with transaction.atomic():
            return CrmEvent.objects.create(
                key=key,
                content_sha256=told.digest,
                received_at=at,
                outcome=_carried_out(told, at),
                **asdict(told),
            )
    except IntegrityError as error:
        if constraint_of(error) != "crm_crmevent_key_key":
            raise
        return _same(CrmEvent.objects.get(key=key), told)


def _same(before: CrmEvent, told: ToldEvent) -> CrmEvent:
    if before.content_sha256 != told.digest:
        raise KeyOfAnother
    return before


def _carried_out(told: ToldEvent, at: datetime) -> CrmOutcome:
    outcome = _of_a_number(told, at) if told.msisdn else _of_a_contract(told, at)
    if outcome == CrmOutcome.UNKNOWN:
        _require_room(at)
    return outcome


def _of_a_number(told: ToldEvent, at: datetime) -> CrmOutcome:
    stopped = freezes.number_changed(
        msisdn=told.msisdn, cause=_OF_NUMBERS[told.kind], at=at, changed_at=told.happened_at
    )
    if stopped:
        return CrmOutcome.LEADER_STOPPED
    known = Membership.objects.filter(msisdn=told.msisdn).exists()
    known = known or Contract.objects.filter(contact_msisdn=told.msisdn).exists()
    return CrmOutcome.NOTHING_TO_DO if known else CrmOutcome.UNKNOWN


def _of_a_contract(told: ToldEvent, at: datetime) -> CrmOutcome:
    # Two events of one contract come one after the other: the later one has the last word.
    contract = membership.lock_contract(told.contract_number)
    if contract is None:
        return CrmOutcome.UNKNOWN
    later = Q(contract_number=told.contract_number, happened_at__gt=told.happened_at)
    if CrmEvent.objects.filter(later).exclude(outcome=CrmOutcome.UNKNOWN).exists():
        return CrmOutcome.OVERTAKEN
    changed = membership.change_status(contract=contract, status=_OF_CONTRACTS[told.kind], at=at)
    return CrmOutcome.STATUS_CHANGED if changed else CrmOutcome.NOTHING_TO_DO


def _require_room(at: datetime) -> None:
    day = CrmEvent.objects.filter(received_at__gt=at - timedelta(days=1))
    if day.filter(outcome=CrmOutcome.UNKNOWN).count() >= settings.UNKNOWN_CALLBACKS_A_DAY:
        raise TooManyUnknown


def _kind(said: object) -> CrmEventKind:
    if said not in CrmEventKind.values:
        raise NotUnderstood(f"event: one of {', '.join(CrmEventKind.values)}")
    return CrmEventKind(said)


def _moment(said: object, at: datetime) -> datetime:
    try:
        moment = parse_datetime(said) if isinstance(said, str) else None
    except ValueError:
        moment = None
    if moment is None or not is_aware(moment) or moment.year < OLDEST_YEAR:
        raise NotUnderstood("happened_at: a moment with its zone, as 2026-11-30T14:05:00+01:00")
    if moment > at + CLOCKS_APART:
        raise NotUnderstood("happened_at: this moment is in the future")
    return moment


def _number(said: object) -> str:
    try:
        return phone.parse_msisdn(said if isinstance(said, str) else "")
    except ValueError:
        raise NotUnderstood("msisdn: a mobile number, as 0671234567 or +355671234567") from None


def _contract(said: object) -> str:
    number = texts.clean_code(said) if isinstance(said, str) else ""
    if not number or len(number) > LONGEST_CONTRACT or not texts.is_code(number):
        raise NotUnderstood("contract: the number of the contract, as in the subscriber file")
    return number
