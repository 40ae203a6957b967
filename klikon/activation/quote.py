"""Say what a leader may activate for a member, at which price, and why the rest is not possible.

The quote applies the activation's own rules to the same facts, package by package. It promises
nothing: the activation decides again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from groups.models import Group, Membership
from klikon.activation import offers, refusals, rules, snapshot
from klikon.activation.rules import Room
from klikon.activation.snapshot import Facts, Question
from klikon.catalogue.prices import Price, price_elsewhere, set_aside
from klikon.models import SUPER, Activation, Channel, LeaderAssignment, Package
from superfamilja.values.months import local_date


@dataclass(frozen=True)
class Row:
    """A package with its prices in Lek, and what would happen.

    `refusal`: why it is not possible. `asks_again`: what has to be confirmed (R25).
    `elsewhere_lek`: its price in the shop if that is cheaper (R8). `active_until`: until when the
    member has it already. `waits`: the payer would be asked first (R28). `pin`: a call would ask
    for the PIN (R19).
    """

    package: Package
    price: Price
    refusal: refusals.ActivationRefused | None
    asks_again: refusals.RepeatNotConfirmed | None
    elsewhere_lek: int | None
    active_until: date | None
    waits: bool
    pin: bool


@dataclass(frozen=True)
class Quote:
    """The month in Lek, the refusal of every package if there is one, and the packages.

    `group_room` is the room of the group, without the member's own limit (R27).
    `arrives_later` means that the charging system is down: packages arrive in minutes, not at once.
    """

    cap_lek: int
    spent_lek: int
    room: Room
    group_room: Room
    refusal: refusals.ActivationRefused | None
    rows: list[Row]
    arrives_later: bool

    @property
    def own_limit(self) -> bool:
        """Return True when a limit of the payer leaves less than the cap does (R27)."""
        return self.room.refusal is not refusals.OverTheCap

    @property
    def members_limit(self) -> bool:
        """Return True when the member's own limit leaves less than cap and group's limit (R27)."""
        return self.room.refusal is refusals.OverTheMembersLimit

    @property
    def something_fits(self) -> bool:
        """Return True when at least one package can be chosen."""
        return any(row.refusal is None for row in self.rows)

    def row(self, code: str) -> Row | None:
        return next((row for row in self.rows if row.package.code == code), None)


def leader_of(group: Group) -> LeaderAssignment | None:
    """Return the group's Mobile Leader, frozen or not, or None when there is none (R4)."""
    return LeaderAssignment.objects.of_group(group).first()


def quote(
    *, group: Group, leader: str, member: Membership, at: datetime, channel: Channel
) -> Quote:
    """Quote every Super package on sale. The number of queries is constant: three.

    `leader` is the mobile number (E.164) of the leader, or empty when the group has none.
    """
    facts = snapshot.read(Question(leader, member.msisdn, "", at), group.pk)
    packages = list(Package.objects.on_sale(local_date(at)).filter(family=SUPER))
    had = _had(member, at)
    room = rules.room(facts)
    possible = offers.fitting(packages, facts, room.left_lek)

    def row(package: Package) -> Row:
        of_it = replace(
            facts,
            package_id=package.pk,
            package_family=package.family,
            package_name=package.name,
            list_price_lek=package.list_price_lek,
            validity_days=package.validity_days,
            same_since=_within(had.get(package.code), at, facts.repeat_hours),
        )
        price = rules.price_of(of_it)
        elsewhere = price_elsewhere(
            package.list_price_lek, set_aside(facts.promotions, package.code)
        )
        refusal = _refusal(lambda: rules.require_klik_on_package(of_it)) or (
            None if room.holds(price) else rules.over(room, price, possible)
        )
        return Row(
            package=package,
            price=price,
            refusal=refusal,
            asks_again=_asks_again(of_it),
            elsewhere_lek=elsewhere
            if elsewhere is not None and elsewhere < price.charged_lek
            else None,
            active_until=_active_until(had.get(package.code), package, at),
            waits=refusal is None and rules.asks_first(of_it, price),
            pin=rules.asks_pin(of_it, price),
        )

    return Quote(
        cap_lek=facts.cap_lek,
        spent_lek=facts.spent,
        room=room,
        group_room=rules.room(replace(facts, member_limit_lek=None)),
        refusal=_refusal(lambda: _for_all(facts, channel)),
        rows=[row(package) for package in packages],
        arrives_later=facts.arrives_later,
    )


def _for_all(facts: Facts, channel: Channel) -> None:
    """Apply the rules that do not depend on the package, in the activation's order."""
    rules.require_open_group(facts)
    rules.require_leader_in_force(facts)
    rules.require_member(facts)
    rules.require_paying_contract(facts)
    rules.require_channel(facts, channel)


def _refusal(rule: Callable[[], None]) -> refusals.ActivationRefused | None:
    try:
        rule()
    except refusals.ActivationRefused as refusal:
        return refusal
    return None


def _asks_again(facts: Facts) -> refusals.RepeatNotConfirmed | None:
    found = _refusal(lambda: rules.require_yes_to_a_repeat(facts, repeat_confirmed=False))
    return found if isinstance(found, refusals.RepeatNotConfirmed) else None


def _had(member: Membership, at: datetime) -> dict[str, datetime]:
    """Return when the number last got each package. Reversed activations do not count."""
    found = (
        Activation.objects.filter(member__msisdn=member.msisdn, accepted_at__lte=at)
        .counted()
        .order_by("package_code", "-accepted_at")
        .distinct("package_code")
    )
    return dict(found.values_list("package_code", "accepted_at"))


def _within(since: datetime | None, at: datetime, hours: int) -> datetime | None:
    return since if since is not None and since > at - timedelta(hours=hours) else None


def _active_until(since: datetime | None, package: Package, at: datetime) -> date | None:
    if since is None:
        return None
    until = since + timedelta(days=package.validity_days)
    return local_date(until) if until > at else None
