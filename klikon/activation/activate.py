"""Activate a package. Each line of `_decide` is a rule of docs/rules.md."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from billing import charges
from groups.proof import RecordedCall, require_recorded
from klikon.activation import fresh_reference, offers, record, refusals, rules, snapshot
from klikon.activation.references import new_reference
from klikon.activation.request import Accepted, Request
from klikon.activation.snapshot import Facts
from klikon.activation.waiting import Answer, WaitingForTheFixedLeader
from klikon.catalogue.prices import Price
from klikon.models import Activation, Channel
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.epoch import standing


def activate(
    *,
    leader: str,
    member: str,
    package: str,
    at: datetime,
    channel: Channel,
    client: str,
    key: str,
    repeat_confirmed: bool = False,
    pin_given: bool = False,
    charged_lek: int | None = None,
    actor: User | None = None,
    reason: str = "",
    proof: RecordedCall | None = None,
) -> Activation | WaitingForTheFixedLeader:
    """Give a member a Super package and charge it to the next fixed bill.

    `leader` and `member` are mobile numbers (E.164). Staff act as `actor`, at the leader's request
    with a `reason` (R2) and the recorded call as `proof` (R30). The same `client` and `key` return
    the first answer again (R21). Buying the same package again within the day needs
    `repeat_confirmed` and a new key (R25). `pin_given` means that klikon/leader/phone_pin.py
    accepted the PIN; calls need it above the amount of the terms (R19). `charged_lek` is the price
    in Lek that the person agreed to; if the price differs, nothing is charged (R6).
    Return WaitingForTheFixedLeader when the payer is asked first (R28, klikon/payer/asking.py).
    Raise Halted, ReasonMissing, CallIdMissing, or an ActivationRefused after storing it
    (klikon/activation/refusals.py).
    """
    acts.require_reason(actor, reason)
    if channel == Channel.STAFF:
        reason = f"{require_recorded(proof)}: {reason.strip()}"
    request = Request(
        leader,
        member,
        package,
        at,
        client,
        key,
        repeat_confirmed,
        channel=channel,
        actor=actor,
        reason=reason,
        pin_given=pin_given,
        charged_lek=charged_lek,
    )
    with standing.only_while_open(), transaction.atomic():  # R36
        given = answer(request)
    # Raise after the commit, because a refusal is a stored answer.
    if isinstance(given, refusals.ActivationRefused):
        raise given
    return given


def _decide(request: Request, facts: Facts) -> Price:
    """Apply the rules to one snapshot, in order. Pure. Raise the first refusal that applies."""
    # Who, for whom, from where.
    rules.require_open_group(facts)  # R1
    rules.require_leader_in_force(facts)  # R2, R4, R26
    rules.require_member(facts)  # R2
    rules.require_paying_contract(facts)  # R16
    rules.require_channel(facts, request.channel)  # R19
    # What, and what it costs; promotions do not count.
    rules.require_klik_on_package(facts)  # R5
    price = rules.price_of(facts)  # R6, R8, R19
    rules.require_the_price_that_was_told(facts, price, request.charged_lek)  # R6
    rules.require_pin(facts, price, request.channel, request.pin_given)  # R19
    # Whether it is a confirmed repetition, and whether the limits leave enough room.
    rules.require_yes_to_a_repeat(facts, request.repeat_confirmed)  # R25
    room = rules.room(facts)  # R9, R10, R12, R27
    if not room.holds(price):
        raise rules.over(room, price, offers.still_fits(facts, request.at, room.left_lek))
    return price


def answer(request: Request) -> Answer:
    """Lock, read the facts, apply the rules, post and record, in the order of docs/adr/0002.

    Return a refusal instead of raising it, so that the caller's transaction commits it.
    """
    reference = new_reference()
    locked = snapshot.lock(request, reference)
    facts = snapshot.read(request, locked.group_id, reference)
    if facts.month_closed:
        # R11, R13: the month has closed, so apply every rule again with the current time.
        return answer(replace(request, at=locked.now))
    try:
        if earlier := record.earlier_answer(request, facts):  # R21
            return earlier
        price = _decide(request, facts)
        # The payer is asked only about what no rule refuses.
        if rules.asks_first(facts, price) and not request.approved:  # R28
            return record.write_waiting(request, facts)
        if facts.reference_taken or not locked.reference_reserved:  # R36
            reference = fresh_reference.another()
        posted = _post(request, facts, price, reference)
        if posted is None:  # R9: another request took the room in the same instant
            raise _room_was_taken(request, facts, price)
        return record.write(Accepted(request, facts, price, posted, reference))
    except refusals.ActivationRefused as refusal:
        if not _is_asked_anew(request, refusal):
            record.write_refusal(request, facts, refusal)
        return refusal


def _is_asked_anew(request: Request, refusal: refusals.ActivationRefused) -> bool:
    """Return True when the refusal must not be stored as the answer of this key.

    The key belongs to another request, or the payer approved another price and the request goes
    on waiting (R28).
    """
    if isinstance(refusal, refusals.PriceChanged):
        return request.approved
    return isinstance(refusal, refusals.KeyUsedForSomethingElse)


def _post(request: Request, facts: Facts, price: Price, reference: str) -> charges.Posted | None:
    """Post the charge and return it, or None when the entry has no room left.

    The member's own limit is checked while the entry is locked (R27).
    """
    limited = facts.member_limit_lek is not None
    with transaction.atomic() if limited else nullcontext():
        posted = charges.post_charge(
            contract_id=facts.contract_id,
            month=request.month,
            amount_lek=price.charged_lek,
            limit_lek=facts.limit_lek,
            reference=reference,
            text=f"{facts.package_name}: {facts.member_name}",
            at=request.at,
        )
        if posted and limited:  # R27
            spent = snapshot.member_spent(request, facts.contract_id)
            if not rules.room(replace(facts, member_spent=spent)).holds(price):
                raise _room_was_taken(request, facts, price)
    return posted


def _room_was_taken(request: Request, facts: Facts, price: Price) -> refusals.OverALimit:
    """Return the refusal with the room that the other request left (R9, R27)."""
    now = replace(
        facts,
        spent=charges.spent(facts.contract_id, request.month),
        member_spent=snapshot.member_spent(request, facts.contract_id),
    )
    room = rules.room(now)
    return rules.over(room, price, offers.still_fits(now, request.at, room.left_lek))
