"""The rules of an activation, each on the same snapshot: pure, no clock, no database.

`activation` asks them before it writes; `quote` asks them to say beforehand what would happen.
"""

from dataclasses import dataclass
from datetime import timedelta

from groups.models import ContractStatus
from klikon.activation import refusals
from klikon.activation.snapshot import Facts
from klikon.catalogue.on_sale import is_sold
from klikon.catalogue.prices import Price
from klikon.models import SUPER, Channel
from superfamilja.values.months import TIRANE


def require_open_group(facts: Facts) -> None:
    """R1: only members of an open SuperFamilja group."""
    if facts.group_id is None or facts.group_closed_on is not None:
        raise refusals.NotTheLeader


def require_leader_in_force(facts: Facts) -> None:
    """R2, R4, R26: the group's one Mobile Leader, not frozen."""
    if facts.assignment_id is None:
        raise refusals.NotTheLeader
    if facts.freeze_id is not None:
        raise refusals.LeaderFrozen


def require_member(facts: Facts) -> None:
    """R2: for a member of his own group, himself included."""
    if facts.member_id is None:
        raise refusals.NotInTheGroup


def require_paying_contract(facts: Facts) -> None:
    """R16: a suspended contract cannot spend more."""
    if facts.contract_status != ContractStatus.ACTIVE:
        raise refusals.ContractSuspended


def require_channel(facts: Facts, channel: Channel) -> None:
    """R19: the terms say on which channels; three wrong PINs lock that of the phone."""
    if channel not in facts.channels:
        raise refusals.ChannelNotAllowed
    if channel == Channel.IVR and facts.phone_locked:
        raise refusals.PhoneLocked


def require_klik_on_package(facts: Facts) -> None:
    """R5: of the Super family, on sale that day, monthly, from Super 700 up."""
    if facts.package_id is None or facts.package_family != SUPER or not is_sold(facts, facts):
        raise refusals.NotAKlikOnPackage(
            smallest_list_price_lek=facts.smallest_list_price_lek,
            shortest_validity_days=facts.shortest_validity_days,
        )


def price_of(facts: Facts) -> Price:
    """R6, R19: the list price minus the discount of the terms. R8: no promotion changes it."""
    return Price(facts.list_price_lek, facts.discount_lek)


def require_the_price_that_was_told(facts: Facts, price: Price, charged_lek: int | None) -> None:
    """R6: a yes is to the price that was told; if it has changed since, it is told anew."""
    if charged_lek is not None and charged_lek != price.charged_lek:
        raise refusals.PriceChanged(
            package=facts.package_name, charged_lek=price.charged_lek, told_lek=charged_lek
        )


def asks_pin(facts: Facts, price: Price) -> bool:
    """R19: whether the terms ask for the PIN before this much is charged by phone."""
    return facts.pin_above_lek is not None and price.charged_lek > facts.pin_above_lek


def require_pin(facts: Facts, price: Price, channel: Channel, given: bool) -> None:
    """R19: above the amount of the terms nothing is activated by phone without its PIN."""
    if channel == Channel.IVR and asks_pin(facts, price) and not given:
        raise refusals.PinNotGiven


def require_yes_to_a_repeat(facts: Facts, repeat_confirmed: bool) -> None:
    """R25: the same package for the same member within the hours of the terms is asked again."""
    if facts.same_since is None or repeat_confirmed:
        return
    until = facts.same_since + timedelta(days=facts.validity_days)
    raise refusals.RepeatNotConfirmed(
        member=facts.member_name,
        package=facts.package_name,
        since=facts.same_since.astimezone(TIRANE).isoformat(timespec="minutes"),
        until=until.astimezone(TIRANE).date().isoformat(),
    )


@dataclass(frozen=True)
class Room:
    """What may still be spent this month, and the limit that says so, in Lek."""

    left_lek: int
    limit_lek: int
    refusal: type[refusals.OverALimit]

    def holds(self, price: Price) -> bool:
        """R9, R10: the charged price counts, and the limit itself may be reached."""
        return price.charged_lek <= self.left_lek


def room(facts: Facts) -> Room:
    """R9, R12, R27: the least of what cap, group's limit and member's limit leave."""
    spent, spent_by_member = facts.spent, facts.member_spent
    rooms = [Room(facts.cap_lek - spent, facts.cap_lek, refusals.OverTheCap)]
    if (limit := facts.group_limit_lek) is not None:
        rooms.append(Room(limit - spent, limit, refusals.OverTheGroupsLimit))
    if (limit := facts.member_limit_lek) is not None:
        rooms.append(Room(limit - spent_by_member, limit, refusals.OverTheMembersLimit))
    least = min(rooms, key=lambda r: r.left_lek)  # of equals the first: the cap
    return Room(max(least.left_lek, 0), least.limit_lek, least.refusal)


def over(room_: Room, price: Price, still_fits: list[refusals.Offer]) -> refusals.OverALimit:
    """R9, R27: the refusal that names the limit which binds; E5, E18: and what still fits."""
    return room_.refusal(
        charged_lek=price.charged_lek,
        room_lek=room_.left_lek,
        limit_lek=room_.limit_lek,
        still_fits=still_fits,
    )


def asks_first(facts: Facts, price: Price) -> bool:
    """R28: whether the payer wants to be asked before this much is charged."""
    return facts.ask_above_lek is not None and price.charged_lek > facts.ask_above_lek


def require_the_payers_yes(facts: Facts, price: Price, approved: bool) -> None:
    """R28: above the amount that the payer set, it waits for him, and charges nothing."""
    if asks_first(facts, price) and not approved:
        raise refusals.WaitingForTheFixedLeader(charged_lek=price.charged_lek)
