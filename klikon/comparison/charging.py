"""Write a lost sale again, because it was promised and the member has the package (R36).

The rules are not checked again, because they accepted the sale then. The total may exceed the cap
here, because an own limit or an older total is in force; the entry's ceiling records what was
allowed then.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from billing import charges, outcomes
from billing.charges import Posted
from groups import terms
from groups.models import Membership, TermsVersion
from klikon.activation.request import Request
from klikon.catalogue.prices import Price
from klikon.comparison.models import ComparedOrder
from klikon.comparison.refusals import MonthOver, NobodyToCharge
from klikon.models import Activation, Channel, LeaderAssignment, Package
from klikon.provisioning.answers import Word
from klikon.provisioning.models import Decision, EventKind, Order, OrderEvent, OrderState
from superfamilja.accounts.models import User
from superfamilja.values.months import local_date, month_of

CLIENT = "after_restore"


@dataclass(frozen=True)
class Sale:
    """What the database knows about the sale at that moment. Amounts in Lek."""

    member: Membership
    leader: Membership
    package: Package
    terms: TermsVersion
    accepted_at: datetime

    @property
    def price(self) -> Price:
        return Price(self.package.list_price_lek, self.terms.discount_lek)


def sale_of(line: ComparedOrder) -> Sale:
    """Return who bought what for whom at that moment. Raise NobodyToCharge."""
    at = line.accepted_at
    member = _member(line, at) if at else None
    leading = _leading(member, at) if member and at else None
    package = _package(line, at) if at else None
    if not (at and member and leading and package):
        raise NobodyToCharge(reference=line.reference)
    sale = Sale(member, leading.member, package, terms.in_force(member.group, at), at)
    if sale.price.charged_lek <= 0:
        raise NobodyToCharge(reference=line.reference)
    return sale


def charge_line(line: ComparedOrder, *, actor: User, at: datetime, reason: str) -> Activation:
    """Write charge, activation and order in the month of its acceptance.

    The caller has confirmed the line in this transaction. Raises NobodyToCharge, MonthOver.
    """
    sale = sale_of(line)
    posted = _post(line, sale)
    request = Request(
        sale.leader.msisdn,
        sale.member.msisdn,
        sale.package.code,
        sale.accepted_at,
        CLIENT,
        line.reference,
        True,
        channel=Channel.STAFF,
        actor=actor,
        reason=reason,
    )
    price = sale.price
    activation = Activation.objects.create(
        contract_id=sale.member.group.contract_id,
        group=sale.member.group,
        charge_id=posted.charge_id,
        reference=line.reference,
        leader=sale.leader,
        member=sale.member,
        package=sale.package,
        package_code=sale.package.code,
        list_price_lek=price.list_price_lek,
        discount_lek=price.discount_lek,
        charged_lek=price.charged_lek,
        month=request.month,
        accepted_at=sale.accepted_at,
        spent_after=posted.spent,
        room_left=max(sale.terms.cap_lek - posted.spent, 0),
        terms=sale.terms,
        repeat_confirmed=True,
        channel=Channel.STAFF,
        actor=actor,
        reason=reason.strip(),
        client=CLIENT,
        key=line.reference,
        content_hash=request.content_hash,
    )
    _order(line, activation, actor, at, reason)
    return activation


def _post(line: ComparedOrder, sale: Sale) -> Posted:
    contract_id, month = sale.member.group.contract_id, month_of(sale.accepted_at)
    amount = sale.price.charged_lek
    charges.lock_months_shared(month, month_of(line.taken_at or sale.accepted_at))
    spent = charges.spent(contract_id, month)  # nothing else posts while the database stands still
    posted = charges.post_charge(
        contract_id=contract_id,
        month=month,
        amount_lek=amount,
        limit_lek=max(sale.terms.cap_lek, spent + amount),
        reference=line.reference,
        text=f"{sale.package.name}: {sale.member.name}",
        at=sale.accepted_at,
    )
    if posted is None:
        raise MonthOver(reference=line.reference)
    return posted


def _order(
    line: ComparedOrder, activation: Activation, actor: User, at: datetime, reason: str
) -> None:
    """Write the order: a delivered one is settled, one still in progress will be asked about."""
    done = line.state == Word.DONE
    order = Order.objects.create(
        activation=activation,
        state=OrderState.DONE if done else OrderState.UNKNOWN,
        ordered_at=activation.accepted_at,
        next_at=None if done else at,
        silent_since=None if done else at,
        attempt=1,
        maybe_sent=True,
    )
    if done:
        outcomes.settle(reference=line.reference, at=at)
    OrderEvent.objects.create(
        order=order,
        at=at,
        kind=EventKind.ACT,
        attempt=1,
        became=order.state,
        actor=actor,
        word=Decision.MARK_DONE if done else Decision.ASK_AGAIN,
        reason=reason.strip(),
    )


def _member(line: ComparedOrder, at: datetime) -> Membership | None:
    here = Membership.objects.select_related("group__contract").filter(msisdn=line.msisdn)
    return here.in_force_on(local_date(at)).order_by("-pk").first()


def _leading(member: Membership, at: datetime) -> LeaderAssignment | None:
    then = Q(ended_at=None) | Q(ended_at__gt=at)
    return (
        LeaderAssignment.objects.select_related("member")
        .filter(then, group=member.group_id, assigned_at__lte=at)
        .order_by("-pk")
        .first()
    )


def _package(line: ComparedOrder, at: datetime) -> Package | None:
    versions = Package.objects.filter(code=line.package_code, on_sale_from__lte=local_date(at))
    return versions.order_by("-on_sale_from").first()
