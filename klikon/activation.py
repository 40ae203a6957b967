"""The act the product exists for. Each line of `_decide` is a rule of docs/rules.md."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from billing import charges
from groups.models import ContractStatus
from klikon import refusals, snapshot
from klikon.catalogue import SUPER
from klikon.models import Activation, Channel, Package, RefusedActivation
from klikon.pricing import Price
from klikon.provisioning import orders
from klikon.references import reference_for
from klikon.snapshot import Facts, Locked
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.months import local_date, month_of


@dataclass(frozen=True)
class Request:
    """What was asked: E.164 numbers, a package's code, the moment, and who is asking how."""

    leader: str
    member: str
    package: str
    at: datetime
    channel: Channel
    client: str
    key: str
    actor: User | None
    reason: str

    @property
    def month(self) -> date:
        """R11: the month of the moment of acceptance, in Tirana."""
        return month_of(self.at)

    @property
    def content_hash(self) -> str:
        """R21: what has to be the same when a key comes again."""
        content = "\x1f".join([self.leader, self.member, self.package, self.channel])
        return hashlib.sha256(content.encode()).hexdigest()


def activate(
    *,
    leader: str,
    member: str,
    package: str,
    at: datetime,
    channel: Channel,
    client: str,
    key: str,
    actor: User | None = None,
    reason: str = "",
) -> Activation:
    """Give a member a Super package: charged now, on the next fixed bill.

    `leader` and `member` are mobile numbers (E.164); staff act at the leader's request (R2), as
    `actor`, with a `reason`. The same `client` and `key` give the first answer again (R21).
    Raises a klikon.refusals.ActivationRefused, after it was stored, or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    request = Request(leader, member, package, at, channel, client, key, actor, reason)
    with transaction.atomic():
        answer = _answer(request)
    # A refusal is an answer: stored and committed, then raised.
    if isinstance(answer, refusals.ActivationRefused):
        raise answer
    return answer


def _answer(request: Request) -> Activation | refusals.ActivationRefused:
    locked = snapshot.lock(
        leader=request.leader, client=request.client, key=request.key, month=request.month
    )
    facts = _facts(request, locked)
    try:
        if earlier := _earlier(request, facts):  # R21
            return earlier
        price = _decide(request, facts)
        posted = _post(request, facts, price, locked)
        if posted is None and charges.is_closed(request.month):
            # R11, R13: too late for a month that has closed; accepted anew, now.
            return _answer(replace(request, at=locked.now))
        if posted is None:  # R9: somebody else took the room in the same instant
            spent = charges.spent(facts.contract_id, request.month)
            raise _over_the_cap(request, replace(facts, spent=spent), price)
        return _write(request, facts, price, posted, locked)
    except refusals.ActivationRefused as refusal:
        if not isinstance(refusal, refusals.KeyUsedForSomethingElse):
            _store(request, facts, refusal)
        return refusal


def _decide(request: Request, facts: Facts) -> Price:
    """The rules, pure, in their order. Raises the refusal that applies."""
    if facts.group_id is None or facts.group_closed_on is not None:  # R1
        raise refusals.NotTheLeader
    if facts.assignment_id is None:  # R2, R4: the one leader in force
        raise refusals.NotTheLeader
    if facts.freeze_id is not None:  # R4
        raise refusals.LeaderFrozen
    if facts.member_id is None:  # R2: any member of his group, himself included
        raise refusals.NotInTheGroup
    if facts.contract_status != ContractStatus.ACTIVE:  # R16
        raise refusals.ContractSuspended
    if request.channel not in facts.channels:  # R19
        raise refusals.ChannelNotAllowed
    if (  # R5: of the Super family, on sale, from Super 700 up
        facts.package_id is None
        or facts.package_family != SUPER
        or facts.list_price_lek < facts.smallest_list_price_lek
    ):
        raise refusals.NotAKlikOnPackage(smallest_list_price_lek=facts.smallest_list_price_lek)
    price = Price(facts.list_price_lek, facts.discount_lek)  # R6, R19
    if facts.spent + price.charged_lek > facts.cap_lek:  # R9, R10
        raise _over_the_cap(request, facts, price)
    return price


def _facts(request: Request, locked: Locked) -> Facts:
    return snapshot.read(
        group_id=locked.group_id,
        leader=request.leader,
        member=request.member,
        package=request.package,
        client=request.client,
        key=request.key,
        at=request.at,
        month=request.month,
    )


def _earlier(request: Request, facts: Facts) -> Activation | refusals.ActivationRefused | None:
    """R21: the first answer to this client's key, a refusal included."""
    earlier: Activation | RefusedActivation
    if facts.earlier_activation_id:
        earlier = Activation.objects.get(pk=facts.earlier_activation_id)
    elif facts.earlier_refusal_id:
        earlier = RefusedActivation.objects.get(pk=facts.earlier_refusal_id)
    else:
        return None
    if earlier.content_hash != request.content_hash:
        raise refusals.KeyUsedForSomethingElse
    if isinstance(earlier, RefusedActivation):
        return refusals.BY_CODE[earlier.code](**earlier.details)
    return earlier


def _over_the_cap(request: Request, facts: Facts, price: Price) -> refusals.OverTheCap:
    """E5: says what is left, and which packages still fit into it."""
    room = max(facts.cap_lek - facts.spent, 0)
    on_sale = Package.objects.on_sale(local_date(request.at)).filter(
        family=SUPER, list_price_lek__gte=facts.smallest_list_price_lek
    )
    offers = [
        refusals.Offer(code=package.code, name=package.name, charged_lek=charged)
        for package in on_sale
        if (charged := Price(package.list_price_lek, facts.discount_lek).charged_lek) <= room
    ]
    return refusals.OverTheCap(
        charged_lek=price.charged_lek, room_lek=room, cap_lek=facts.cap_lek, still_fits=offers
    )


def _post(request: Request, facts: Facts, price: Price, locked: Locked) -> charges.Posted | None:
    return charges.post_charge(
        contract_id=facts.contract_id,
        month=request.month,
        amount_lek=price.charged_lek,
        limit_lek=facts.cap_lek,
        reference=reference_for(locked.number),
        text=f"{facts.package_name}: {facts.member_name}",
        at=request.at,
    )


def _write(
    request: Request, facts: Facts, price: Price, posted: charges.Posted, locked: Locked
) -> Activation:
    """The fact, frozen with everything that counted, and the order to the charging system."""
    # The rules saw to it that all of these are there.
    assert facts.group_id and facts.member_id and facts.package_id  # noqa: PT018, S101
    activation = Activation.objects.create(
        contract_id=facts.contract_id,
        group_id=facts.group_id,
        charge_id=posted.charge_id,
        reference=reference_for(locked.number),
        leader_id=facts.leader_id,
        member_id=facts.member_id,
        package_id=facts.package_id,
        package_code=request.package,
        list_price_lek=price.list_price_lek,
        discount_lek=price.discount_lek,
        charged_lek=price.charged_lek,
        month=request.month,
        accepted_at=request.at,
        spent_after=posted.spent,
        room_left=facts.cap_lek - posted.spent,
        terms_id=facts.terms_id,
        channel=request.channel,
        actor=request.actor,
        reason=request.reason.strip(),
        client=request.client,
        key=request.key,
        content_hash=request.content_hash,
    )
    orders.order(activation)
    return activation


def _store(request: Request, facts: Facts, refusal: refusals.ActivationRefused) -> None:
    RefusedActivation.objects.create(
        contract_id=facts.contract_id,
        client=request.client,
        key=request.key,
        content_hash=request.content_hash,
        code=refusal.code,
        details=refusal.details,
        leader_msisdn=request.leader,
        member_msisdn=request.member,
        package_code=request.package,
        channel=request.channel,
        actor=request.actor,
        refused_at=request.at,
    )
