"""The rules of an activation. Each is pure: it reads one snapshot, no clock and no database.

`activate` applies them before it writes. `quote` applies them to say what would happen.
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
    """Raise NotTheLeader unless the group is open (R1)."""
    if facts.group_id is None or facts.group_closed_on is not None:
        raise refusals.NotTheLeader


def require_leader_in_force(facts: Facts) -> None:
    """Raise unless the caller is the group's Mobile Leader and is not frozen (R2, R4, R26)."""
    if facts.assignment_id is None:
        raise refusals.NotTheLeader
    if facts.freeze_id is not None:
        raise refusals.LeaderFrozen


def require_member(facts: Facts) -> None:
    """Raise NotInTheGroup unless the member is in the leader's group; leaders count too (R2)."""
    if facts.member_id is None:
        raise refusals.NotInTheGroup


def require_paying_contract(facts: Facts) -> None:
    """Raise ContractSuspended unless the contract is active (R16)."""
    if facts.contract_status != ContractStatus.ACTIVE:
        raise refusals.ContractSuspended


def require_channel(facts: Facts, channel: Channel) -> None:
    """Raise when the terms do not allow the channel, or wrong PINs locked the phone (R19)."""
    if channel not in facts.channels:
        raise refusals.ChannelNotAllowed
    if channel == Channel.IVR and facts.phone_locked:
        raise refusals.PhoneLocked


def require_klik_on_package(facts: Facts) -> None:
    """Raise unless it is a monthly Super package on sale that day, from Super 700 up (R5)."""
    if facts.package_id is None or facts.package_family != SUPER or not is_sold(facts, facts):
        raise refusals.NotAKlikOnPackage(
            smallest_list_price_lek=facts.smallest_list_price_lek,
            shortest_validity_days=facts.shortest_validity_days,
        )


def price_of(facts: Facts) -> Price:
    """Return the list price minus the discount of the terms (R6, R19), without promotions (R8)."""
    return Price(facts.list_price_lek, facts.discount_lek)


def require_the_price_that_was_told(facts: Facts, price: Price, charged_lek: int | None) -> None:
    """Raise PriceChanged when the price is not the one that the person agreed to (R6)."""
    if charged_lek is not None and charged_lek != price.charged_lek:
        raise refusals.PriceChanged(
            package=facts.package_name, charged_lek=price.charged_lek, told_lek=charged_lek
        )


def asks_pin(facts: Facts, price: Price) -> bool:
    """Return True when the terms ask for the PIN before a call charges this much (R19)."""
    return facts.pin_above_lek is not None and price.charged_lek > facts.pin_above_lek


def require_pin(facts: Facts, price: Price, channel: Channel, given: bool) -> None:
    """Raise PinNotGiven when a call needs the PIN and has not had it (R19)."""
    if channel == Channel.IVR and asks_pin(facts, price) and not given:
        raise refusals.PinNotGiven


def require_yes_to_a_repeat(facts: Facts, repeat_confirmed: bool) -> None:
    """Raise RepeatNotConfirmed for the same package within the hours of the terms (R25)."""
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
    """What may still be spent this month, and the limit that decides it, in Lek."""

    left_lek: int
    limit_lek: int
    refusal: type[refusals.OverALimit]

    def holds(self, price: Price) -> bool:
        """Return True when the charged price fits; it may reach the limit itself (R9, R10)."""
        return price.charged_lek <= self.left_lek


def room(facts: Facts) -> Room:
    """Return the least room of cap, group's limit and member's limit (R9, R12, R27)."""
    spent, spent_by_member = facts.spent, facts.member_spent
    rooms = [Room(facts.cap_lek - spent, facts.cap_lek, refusals.OverTheCap)]
    if (limit := facts.group_limit_lek) is not None:
        rooms.append(Room(limit - spent, limit, refusals.OverTheGroupsLimit))
    if (limit := facts.member_limit_lek) is not None:
        rooms.append(Room(limit - spent_by_member, limit, refusals.OverTheMembersLimit))
    least = min(rooms, key=lambda r: r.left_lek)  # min takes the first of equals: the cap
    return Room(max(least.left_lek, 0), least.limit_lek, least.refusal)


def over(room_: Room, price: Price, still_fits: list[refusals.Offer]) -> refusals.OverALimit:
    """Return the refusal of the limit that binds (R9, R27), with what still fits (E5, E18)."""
    return room_.refusal(
        charged_lek=price.charged_lek,
        room_lek=room_.left_lek,
        limit_lek=room_.limit_lek,
        still_fits=still_fits,
    )


def asks_first(facts: Facts, price: Price) -> bool:
    """Return True when the payer wants to be asked before this much is charged (R28)."""
    return facts.ask_above_lek is not None and price.charged_lek > facts.ask_above_lek
