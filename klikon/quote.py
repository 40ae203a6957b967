"""What a group may activate at a moment, at what price, and what not and why.

The same sentences as the refusals of an activation; the activation itself decides anew.
"""

from dataclasses import dataclass
from datetime import datetime

from billing import charges
from groups import terms
from groups.models import ContractStatus, Group
from klikon import refusals
from klikon.catalogue import SUPER
from klikon.models import Channel, LeaderAssignment, Package
from klikon.pricing import Price, affordable
from superfamilja.months import local_date, month_of


@dataclass(frozen=True)
class Row:
    """A package with its prices in Lek; `refusal` says why it is not possible, else None."""

    package: Package
    price: Price
    refusal: refusals.ActivationRefused | None


@dataclass(frozen=True)
class Quote:
    """The month's room in Lek, what stands in the way of every package, and the packages."""

    cap_lek: int
    spent_lek: int
    leader: LeaderAssignment | None
    refusal: refusals.ActivationRefused | None
    rows: list[Row]

    @property
    def room_lek(self) -> int:
        return max(self.cap_lek - self.spent_lek, 0)

    def row(self, code: str) -> Row | None:
        return next((row for row in self.rows if row.package.code == code), None)


def quote(group: Group, at: datetime, channel: Channel) -> Quote:
    """Quote every Super package on sale to this group. Five queries, whatever is on sale."""
    in_force = terms.in_force(group, at)
    spent = charges.spent(group.contract_id, month_of(at))
    packages = list(Package.objects.on_sale(local_date(at)).filter(family=SUPER))
    leader = (
        LeaderAssignment.objects.filter(
            group=group, ended_at=None, member__left_on=None, group__closed_on=None
        )
        .select_related("member")
        .first()
    )
    frozen = leader is not None and leader.freezes.filter(ended_at=None).exists()
    room = max(in_force.cap_lek - spent, 0)

    def price(package: Package) -> Price:
        return Price(package.list_price_lek, in_force.discount_lek)

    smallest = in_force.smallest_list_price_lek
    klik_on = [package for package in packages if package.list_price_lek >= smallest]
    fitting = affordable([price(package) for package in klik_on], room)
    offers = [
        refusals.Offer(code=package.code, name=package.name, charged_lek=price(package).charged_lek)
        for package in klik_on
        if price(package) in fitting
    ]

    def refusal(package: Package) -> refusals.ActivationRefused | None:
        if package not in klik_on:  # R5
            return refusals.NotAKlikOnPackage(smallest_list_price_lek=smallest)
        if price(package) not in fitting:  # R9
            return refusals.OverTheCap(
                charged_lek=price(package).charged_lek,
                room_lek=room,
                cap_lek=in_force.cap_lek,
                still_fits=offers,
            )
        return None

    return Quote(
        cap_lek=in_force.cap_lek,
        spent_lek=spent,
        leader=leader,
        refusal=_for_all(group, leader, frozen, channel in in_force.channels),
        rows=[Row(package, price(package), refusal(package)) for package in packages],
    )


def _for_all(
    group: Group, leader: LeaderAssignment | None, frozen: bool, channel_allowed: bool
) -> refusals.ActivationRefused | None:
    """What refuses every package alike, in the order of the activation's own rules."""
    if leader is None:  # R1, R2, R4
        return refusals.NotTheLeader()
    if frozen:  # R4
        return refusals.LeaderFrozen()
    if group.contract.status != ContractStatus.ACTIVE:  # R16
        return refusals.ContractSuspended()
    if not channel_allowed:  # R19
        return refusals.ChannelNotAllowed()
    return None
