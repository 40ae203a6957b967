"""Open and close a SuperFamilja group, add and remove members (R1, R12, R15, R19, R20).

Each act takes the group's row FOR UPDATE. An activation takes it FOR SHARE, so it sees the group
either before or after the act, never in between. Lock order: docs/adr/0002.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from groups import terms
from groups.models import SEATS, Contract, ContractStatus, Group, Membership
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.data.database import constraint_of
from superfamilja.refusal import Refusal
from superfamilja.values import phone, texts
from superfamilja.values.months import local_date


class ContractNotActive(Refusal):
    rule = "R16"
    code = "contract_not_active"
    sentence = gettext_noop("Contract %(contract)s is suspended or ended: nothing new can start.")


class GroupAlreadyOpen(Refusal):
    rule = "R20"
    code = "group_already_open"
    sentence = gettext_noop("Contract %(contract)s already has an open SuperFamilja group.")


class GroupClosed(Refusal):
    rule = "R1"
    code = "group_closed"
    sentence = gettext_noop("The SuperFamilja group is closed.")


class GroupFull(Refusal):
    rule = "R19"
    code = "group_full"
    sentence = gettext_noop("The group already has %(members_max)s members, which is the most.")


class NumberInAGroup(Refusal):
    rule = "R20"
    code = "number_in_a_group"
    sentence = gettext_noop(
        "This number is already a member of a SuperFamilja group; it must leave that one first."
    )


class PlanNotAllowed(Refusal):
    rule = "R20"
    code = "plan_not_allowed"
    sentence = gettext_noop("The plan “%(plan)s” cannot join a group. Allowed: %(allowed)s.")


class NotAMember(Refusal):
    rule = "R1"
    code = "not_a_member"
    sentence = gettext_noop("This number is no longer a member of the group.")


@transaction.atomic
def open_group(
    *, contract: Contract, at: datetime, actor: User | None = None, reason: str = ""
) -> Group:
    """Open the contract's SuperFamilja group.

    Raise ContractNotActive, GroupAlreadyOpen or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    # Lock the contract's row, because the group does not exist yet.
    contract = Contract.objects.select_for_update().get(pk=contract.pk)
    require_openable(contract)
    group = Group.objects.create(contract=contract, opened_on=local_date(at), opened_at=at)
    acts.record(
        "open_group",
        actor=actor,
        at=at,
        contract_number=contract.number,
        reason=reason,
        group=group.pk,
    )
    keep_payers_will([contract.pk], at, actor, reason)
    return group


@transaction.atomic
def add_member(
    *,
    group: Group,
    msisdn: str,
    name: str,
    plan: str,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
) -> Membership:
    """Add a prepaid mobile number (E.164) to an open group.

    Raise GroupClosed, ContractNotActive, PlanNotAllowed, GroupFull, NumberInAGroup or
    ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group = lock_group(group.pk)
    seat = require_addable(group, msisdn=msisdn, plan=plan, at=at)
    membership = _sit_down(
        Membership(
            group=group,
            msisdn=msisdn,
            name=texts.clean(name),
            plan=plan,
            seat=seat,
            joined_on=local_date(at),
        )
    )
    acts.record(
        "add_member",
        actor=actor,
        at=at,
        contract_number=group.contract.number,
        reason=reason,
        member=membership.pk,
        number=phone.masked(msisdn),
    )
    keep_payers_will([group.contract_id], at, actor, reason)
    return membership


@transaction.atomic
def remove_member(
    *, membership: Membership, at: datetime, actor: User | None = None, reason: str = ""
) -> None:
    """End a membership now. Its charges stay on the contract's bill (R15).

    Raise NotAMember or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group = lock_group(membership.group_id)
    require_current(membership)
    current = Membership.objects.current().filter(pk=membership.pk)
    if not current.update(left_on=local_date(at), left_at=at):
        raise NotAMember
    acts.record(
        "remove_member",
        actor=actor,
        at=at,
        contract_number=group.contract.number,
        reason=reason,
        member=membership.pk,
        number=phone.masked(membership.msisdn),
    )


@transaction.atomic
def call_members(*, group: Group, names: Mapping[int, str], at: datetime) -> None:
    """Store the payer's own names for current members, by membership id. An empty name removes it.

    Raise GroupClosed or NotAMember, and then write nothing.
    """
    group = lock_group(group.pk)
    require_open(group)
    members = {member.pk: member for member in group.memberships.current()}
    for pk, typed in names.items():
        if pk not in members:
            raise NotAMember
        called = texts.clean(typed)
        if called == members[pk].called:
            continue
        Membership.objects.filter(pk=pk).update(called=called)
        acts.record(
            "call_member", actor=None, at=at, contract_number=group.contract.number, member=pk
        )


@transaction.atomic
def close_group(*, group: Group, at: datetime, actor: User | None = None, reason: str = "") -> None:
    """Close a group and end its memberships.

    The month's spending and the bill stay with the contract (R12, R15).
    Raise GroupClosed or ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group = lock_group(group.pk)
    require_open(group)
    closed_on: date = local_date(at)
    group.memberships.current().update(left_on=closed_on, left_at=at)
    Group.objects.filter(pk=group.pk).update(closed_on=closed_on, closed_at=at)
    acts.record(
        "close_group",
        actor=actor,
        at=at,
        contract_number=group.contract.number,
        reason=reason,
        group=group.pk,
    )


def require_openable(contract: Contract) -> None:
    """Raise what `open_group` refuses for this contract: ContractNotActive, GroupAlreadyOpen."""
    if contract.status != ContractStatus.ACTIVE:
        raise ContractNotActive(contract=contract.number)
    if contract.groups.filter(closed_on=None).exists():
        raise GroupAlreadyOpen(contract=contract.number)


def require_addable(group: Group, *, msisdn: str, plan: str, at: datetime) -> int:
    """Return the seat that this number would get. Raise what `add_member` refuses: GroupClosed,
    ContractNotActive, PlanNotAllowed, GroupFull, NumberInAGroup."""
    require_open(group)
    if group.contract.status != ContractStatus.ACTIVE:
        raise ContractNotActive(contract=group.contract.number)
    in_force = terms.in_force(group, at)
    if plan not in in_force.allowed_plans:
        raise PlanNotAllowed(plan=plan, allowed=", ".join(in_force.allowed_plans))
    seat = require_room(group, at)
    if Membership.objects.current().filter(msisdn=msisdn).exists():
        raise NumberInAGroup
    return seat


def require_room(group: Group, at: datetime) -> int:
    """Return the lowest free seat. Raise GroupFull when there is none.

    R19 counts members and not seat numbers: after terms that lower the size, a seat above it may
    be taken while one below it is free.
    """
    members_max = terms.in_force(group, at).members_max
    taken = set(group.memberships.current().values_list("seat", flat=True))
    if len(taken) >= members_max:
        raise GroupFull(members_max=members_max)
    return next(seat for seat in SEATS if seat not in taken)


def require_current(membership: Membership) -> None:
    """Raise NotAMember when this membership has ended."""
    if not Membership.objects.current().filter(pk=membership.pk).exists():
        raise NotAMember


def require_open(group: Group) -> None:
    """Raise GroupClosed when the group has closed."""
    if group.closed_on is not None:
        raise GroupClosed


def keep_payers_will(
    contracts: Collection[int], at: datetime, actor: User | None = None, reason: str = ""
) -> None:
    """Keep the payer's limits and “ask me first” for new groups and returning members (R30)."""
    keep = import_string(settings.PAYERS_WILL_PROVIDER)
    keep(contracts=contracts, at=at, actor=actor, reason=reason)


def lock_group(group_id: int) -> Group:
    """Lock the group's row FOR UPDATE, first in the lock order, and return it with its contract."""
    return Group.objects.select_for_update(of=("self",)).select_related("contract").get(pk=group_id)


def _sit_down(membership: Membership) -> Membership:
    """Insert; when two groups add the number at once, the unique index refuses the second."""
    try:
        with transaction.atomic():
            membership.save(force_insert=True)
    except IntegrityError as error:
        if constraint_of(error) == "membership_one_group_a_number":
            raise NumberInAGroup from error
        raise
    return membership


def lock_contract(number: str) -> Contract | None:
    """Lock the contract of that number, its open group first (ADR 0002): an activation on its way
    sees the contract before or the contract after. In the caller's transaction."""
    list(Group.objects.open().filter(contract__number=number).select_for_update(of=("self",)))
    return Contract.objects.select_for_update(no_key=True).filter(number=number).first()


@transaction.atomic
def change_status(*, contract: Contract, status: ContractStatus, at: datetime) -> bool:
    """Make this the status of the contract. False when nothing changes: it has it already, or it
    has ended, which only the subscriber file undoes."""
    locked = lock_contract(contract.number)
    if locked is None or locked.status in (status, ContractStatus.ENDED):
        return False
    Contract.objects.filter(pk=locked.pk).update(status=status)
    acts.record(
        "change_contract_status",
        actor=None,
        at=at,
        contract_number=locked.number,
        before=locked.status,
        after=str(status),
    )
    return True
