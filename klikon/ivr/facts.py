"""The dialogue's only way to the house: the verbs of every channel answer its questions.

It runs in worker threads (klikon/ivr/carrying.py), which close their connections. Its answers are
plain values. Each yes to an activation has a key of its own, from the way in, the call and the
count of the yes.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_variables

from billing.models import ChargeState
from groups import terms
from groups.models import Contract, Membership
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.quote import Quote, Row, quote
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.questions import Answer, CallQuestion, House
from klikon.ivr.models import CallerLanguage
from klikon.leader import freezes, phone_pin
from klikon.models import Activation, Channel, LeaderAssignment
from klikon.provisioning.line import breaker
from klikon.reading import overview
from klikon.reading.active import Person, active_packages
from klikon.reading.people import paid_by
from superfamilja.clock import portal_clock
from superfamilja.epoch import standing
from superfamilja.epoch.refusals import Halted
from superfamilja.refusal import Refusal
from superfamilja.values.months import local_date, month_of

CLIENT = "ivr"
BY_PHONE = gettext_noop("asked for by phone by the Fixed Leader")
_LINES = 10


def key_of_call(call_id: str) -> str:
    """Return what stands for a carrier's call id in our keys: callers may choose a long one."""
    return hashlib.sha256(call_id.encode()).hexdigest()[:32]


class CallFacts(House):
    """The house as one call sees it. `contract_id` is set once the caller is known."""

    def __init__(
        self, *, adapter: str, call_id: str, clock: Callable[[], datetime] = portal_clock.now
    ) -> None:
        self._adapter, self._call_id = adapter, call_id
        self._now = clock
        self.contract_id: int | None = None

    def answer(self, question: CallQuestion[Answer]) -> Answer | ask.Refused | ask.Standstill:
        try:
            with standing.only_while_open():
                return question.put_to(self)
        except Halted:  # R36
            return ask.Standstill()
        except Refusal as refusal:
            return ask.Refused(refusal)

    def who_calls(self, asked: ask.WhoCalls) -> ask.Caller:
        at, number = self._now(), asked.number
        leader = _leadership(number)
        payer = _pays_for(number)
        whose = leader.group.contract if leader else payer
        language = _language(number, whose)
        self.contract_id = whose.pk if whose else None
        refusal: Refusal | None = None
        if leader:
            quoted = _quote(leader, leader.member, at)
            if quoted.refusal is None:
                return ask.LeaderCalls(language, quoted.group_room.left_lek, _members(leader))
            refusal = quoted.refusal
        if payer:
            return _payer(payer, language, at)
        if refusal:
            return ask.LeaderMayNot(language, refusal)
        return ask.SomebodyCalls(language, group_closed=_led_a_closed_group(number))

    def speak_from_now_on(self, asked: ask.SpeakFromNowOn) -> ask.Right:
        CallerLanguage.objects.update_or_create(
            msisdn=asked.number, defaults={"language": asked.language}
        )
        return ask.Right()

    def what_fits(self, asked: ask.WhatFits) -> ask.Fits:
        at, leader = self._now(), _required_leadership(asked.number)
        member = leader.group.memberships.current().filter(msisdn=asked.member).first()
        if member is None:
            raise refusals.NotInTheGroup
        quoted = _quote(leader, member, at)
        if quoted.refusal:
            raise quoted.refusal
        [person] = active_packages([member], at)
        over = [row for row in quoted.rows if isinstance(row.refusal, refusals.OverALimit)]
        why = over[0].refusal if over else None
        pin = any(row.pin for row in quoted.rows)
        return ask.Fits(
            member=ask.Member(member.msisdn, member.name),
            room_lek=quoted.room.left_lek,
            members_limit=quoted.members_limit,
            active=_active(person),
            packages=tuple(_package(row) for row in quoted.rows if row.refusal is None),
            too_dear=tuple(row.package.name for row in over),
            why=why if isinstance(why, refusals.OverALimit) else None,
            has_pin=pin and phone_pin.current(leader) is not None,
        )

    def this_month(self, asked: ask.ThisMonth) -> ask.SpokenCharges:
        leader = _required_leadership(asked.number)
        return ask.SpokenCharges(_lines(leader.group.contract_id, self._now()))

    @sensitive_variables("asked")
    def check_pin(self, asked: ask.CheckPin) -> ask.Right:
        phone_pin.check(leader=_required_leadership(asked.number), pin=asked.pin, at=self._now())
        return ask.Right()

    def activate(self, asked: ask.ActivateByPhone) -> ask.Activated | WaitingForTheFixedLeader:
        done = activate(
            leader=asked.number,
            member=asked.member,
            package=asked.package,
            at=self._now(),
            channel=Channel.IVR,
            client=CLIENT,
            key=self._key(asked),
            repeat_confirmed=asked.repeat_confirmed,
            pin_given=asked.pin_given,
            charged_lek=asked.charged_lek,
        )
        if isinstance(done, WaitingForTheFixedLeader):  # R28
            return done
        return ask.Activated(done.reference, done.room_left, breaker.is_down(self._now()))

    def _key(self, act: ask.ActivateByPhone) -> str:
        """R21: way in, call and caller (two switches may count alike), and which yes."""
        call = key_of_call(f"{self._call_id} {act.number}")
        return f"{self._adapter}-{call}-{act.confirmation}"

    def freeze(self, asked: ask.Freeze) -> ask.Frozen:
        payer = _pays_for(asked.number)
        standing = LeaderAssignment.objects.standing().select_related("member", "group__contract")
        leader = standing.filter(group__contract=payer).first() if payer else None
        if leader is None:
            raise refusals.NotTheLeader
        freezes.freeze(assignment=leader, at=self._now(), reason=BY_PHONE)
        return ask.Frozen(leader.member.name)


def _leadership(number: str) -> LeaderAssignment | None:
    standing = LeaderAssignment.objects.standing().select_related("member", "group__contract")
    return standing.filter(member__msisdn=number).first()


def _required_leadership(number: str) -> LeaderAssignment:
    leader = _leadership(number)
    if leader is None:
        raise refusals.NotTheLeader
    return leader


def _pays_for(number: str) -> Contract | None:
    """Return the contract that this contact mobile hears about: first one with a Mobile Leader.

    A number that two owners gave has none on the phone; online each of them chooses.
    """
    contracts = list(paid_by(number).order_by("pk"))
    if len({contract.owner_nid for contract in contracts}) != 1:
        return None
    standing = LeaderAssignment.objects.standing().filter(group__contract__in=contracts)
    led = set(standing.values_list("group__contract_id", flat=True))
    return next((contract for contract in contracts if contract.pk in led), contracts[0])


def _quote(leader: LeaderAssignment, member: Membership, at: datetime) -> Quote:
    return quote(
        group=leader.group, leader=leader.member.msisdn, member=member, at=at, channel=Channel.IVR
    )


def _members(leader: LeaderAssignment) -> tuple[ask.Member, ...]:
    members = leader.group.memberships.current().order_by("seat")
    return tuple(ask.Member(member.msisdn, member.name) for member in members)


def _active(person: Person) -> tuple[ask.ActivePackage, ...]:
    """Return each package once, with the last day on which it is active."""
    earliest_first = sorted(person.packages, key=lambda active: active.until)
    until = {active.activation.package.name: active.until for active in earliest_first}
    return tuple(ask.ActivePackage(name, local_date(at)) for name, at in until.items())


def _package(row: Row) -> ask.PackageOnOffer:
    return ask.PackageOnOffer(
        code=row.package.code,
        name=row.package.name,
        list_lek=row.price.list_price_lek,
        charged_lek=row.price.charged_lek,
        again=row.asks_again,
        elsewhere_lek=row.elsewhere_lek,
        waits=row.waits,
        pin=row.pin,
    )


def _payer(contract: Contract, language: str, at: datetime) -> ask.PayerCalls:
    standing = LeaderAssignment.objects.standing().select_related("member", "group")
    leader = standing.filter(group__contract=contract).first()
    group = leader.group if leader else contract.groups.order_by("-opened_on", "-pk").first()
    in_force = terms.in_force(group, at) if group else terms.newest(at)
    entry = overview.entry_of(contract, month_of(at))
    return ask.PayerCalls(
        language=language,
        leader=leader.member.name if leader else "",
        is_frozen=bool(leader and leader.freezes.filter(ended_at=None).exists()),
        spent_lek=entry.spent if entry else 0,
        cap_lek=in_force.cap_lek,
        lines=_lines(contract.pk, at),
    )


def _lines(contract_id: int, at: datetime) -> tuple[ask.SpokenCharge, ...]:
    """Return the month's charges that are not reversed, newest first."""
    found = (
        Activation.objects.filter(contract_id=contract_id, month=month_of(at))
        .exclude(charge__state=ChargeState.REVERSED)
        .select_related("member", "package")
        .order_by("-accepted_at", "-pk")[:_LINES]
    )
    return tuple(
        ask.SpokenCharge(a.package.name, a.member.name, a.charged_lek, local_date(a.accepted_at))
        for a in found
    )


def _led_a_closed_group(number: str) -> bool:
    """Return whether this number last led a group that was closed, and has no new one."""
    if Membership.objects.current().filter(msisdn=number).exists():
        return False
    last = (
        LeaderAssignment.objects.filter(member__msisdn=number)
        .select_related("group")
        .order_by("-assigned_at", "-pk")
        .first()
    )
    return last is not None and last.ended_at is None and last.group.closed_on is not None


def _language(number: str, contract: Contract | None) -> str:
    asked = CallerLanguage.objects.filter(msisdn=number).values_list("language", flat=True).first()
    return asked or (contract.language if contract else "sq")
