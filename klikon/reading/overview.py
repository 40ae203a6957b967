"""A contract as staff see it: its group, its month, and what happened. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from billing.models import BillEntry, Dispute
from groups import contact_hold, terms
from groups.models import ContactHold, Contract, Group, Membership, TermsVersion
from klikon.leader import phone_pin
from klikon.models import (
    Activation,
    AskAbove,
    LeaderAssignment,
    LeaderFreeze,
    OwnLimit,
    PhonePin,
    WaitingRequest,
)
from klikon.reading.bar import LEFT_THE_GROUP, Bar, Block
from superfamilja.values.months import local_date, month_of

SHOWN = 5


@dataclass(frozen=True)
class ContractOverview:
    """Everything that one contract's page shows, read in a constant number of queries."""

    contract: Contract
    group: Group | None
    members: list[Membership]
    terms: TermsVersion | None
    leader: LeaderAssignment | None
    leader_freeze: LeaderFreeze | None
    phone_pin: PhonePin | None
    limits: list[OwnLimit]
    past_limits: list[OwnLimit]
    asks_first: AskAbove | None
    asked_before: list[AskAbove]
    waiting: list[WaitingRequest]
    past_groups: list[Group]
    past_members: list[Membership]
    leaders: list[LeaderAssignment]
    contact_hold: ContactHold | None
    contact_is_held: bool

    @property
    def leader_is_frozen(self) -> bool:
        return self.leader_freeze is not None


def overview(contract: Contract, at: datetime) -> ContractOverview:
    """Return the contract with its groups, members and leaders, past and present."""
    groups = list(contract.groups.order_by("-opened_on", "-pk"))
    members = list(
        Membership.objects.filter(group__in=groups).order_by("seat", "-joined_on", "-pk")
    )
    leaders = list(
        LeaderAssignment.objects.filter(group__in=groups)
        .select_related("member", "declaration", "group")
        .prefetch_related("freezes")
        .order_by("-assigned_at", "-pk")
    )
    limits = list(
        OwnLimit.objects.filter(group__in=groups)
        .select_related("member", "set_by")
        .order_by(F("member__seat").asc(nulls_first=True), "-set_at", "-pk")
    )
    asks = list(
        AskAbove.objects.filter(group__in=groups)
        .select_related("set_by")
        .order_by("-set_at", "-pk")
    )
    group = next((g for g in groups if g.closed_on is None), None)
    asking = next((a for a in asks if a.ended_at is None and a.group_id == _pk(group)), None)
    now = [m for m in members if group and m.group_id == group.pk and m.left_on is None]
    # R4: a leader who left the group is no leader, even if nobody ended the assignment.
    leader = next((a for a in leaders if a.ended_at is None and a.member in now), None)
    standing = [
        own
        for own in limits
        if own.ended_at is None
        and group
        and own.group_id == group.pk
        and (own.member is None or own.member in now)
    ]
    hold = contact_hold.of_late(contract, at)
    return ContractOverview(
        contract=contract,
        group=group,
        members=now,
        terms=terms.in_force(group, at) if group else None,
        leader=leader,
        leader_freeze=_freeze_of(leader),
        phone_pin=phone_pin.current(leader) if leader else None,
        limits=standing,
        past_limits=[own for own in limits if own not in standing],
        asks_first=asking,
        asked_before=[a for a in asks if a != asking],
        waiting=list(
            WaitingRequest.objects.waiting(at)
            .filter(contract=contract)
            .select_related("leader", "member", "package", "actor")
            .order_by("asked_at", "pk")
        ),
        past_groups=[g for g in groups if g.closed_on is not None],
        past_members=[m for m in members if m not in now],
        leaders=leaders,
        contact_hold=hold,
        contact_is_held=hold is not None and (hold.disputed_at is not None or hold.until > at),
    )


def _pk(group: Group | None) -> int | None:
    return group.pk if group else None


def _freeze_of(leader: LeaderAssignment | None) -> LeaderFreeze | None:
    freezes = leader.freezes.all() if leader else []
    return next((freeze for freeze in freezes if freeze.ended_at is None), None)


def entry_of(contract: Contract, month: date) -> BillEntry | None:
    """Return the month's bill entry, if anything was ever spent in it."""
    return contract.bill_entries.filter(month=month).first()


def last_activations(contract: Contract) -> list[Activation]:
    """Return the newest activations with everything that their lines show."""
    return list(
        contract.activations.select_related(
            "member", "leader", "package", "charge__entry", "actor"
        ).order_by("-accepted_at", "-pk")[:SHOWN]
    )


def last_questions(contract: Contract, at: datetime) -> list[tuple[Dispute, bool]]:
    """Return the newest questions and complaints, closed ones too; each with: is it overdue?"""
    newest = contract.disputes.select_related("charge").order_by("-opened_at", "-pk")[:SHOWN]
    return [(dispute, dispute.is_overdue(local_date(at))) for dispute in newest]


def month_bar(
    contract_id: int,
    limit_lek: int,
    at: datetime,
    new: Block | None = None,
    *,
    family: bool = False,
) -> Bar:
    """Return the bar of the month: unreversed charges, each for its person (R10, R12).

    `family` uses the payer's names for the members; only the payer's and the Mobile Leader's pages
    show them.
    """
    month = month_of(at)
    activations = (
        Activation.objects.filter(contract_id=contract_id, month=month)
        .counted()
        .select_related("member", "package")
        .order_by("accepted_at", "pk")
    )
    blocks = [
        Block(
            amount_lek=activation.charged_lek,
            name=activation.member.known_as if family else activation.member.name,
            seat=seat_of(activation.member),
            text=activation.package.name,
        )
        for activation in activations
    ]
    return Bar(limit_lek, [*blocks, new] if new else blocks)


def seat_of(member: Membership) -> int:
    """Return the member's colour; those who have left share one."""
    return member.seat if member.left_on is None else LEFT_THE_GROUP
