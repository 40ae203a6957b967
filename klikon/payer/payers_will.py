"""Keep what the payer allowed when its group changes (R27, R28, R30).

It stays with the contract. A group closes and opens again, and a member leaves and returns, by
signatures that a clerk alone records. So own limits and “ask me first” pass to the new group and to
returning members, until the payer loosens them with a proof. The room below asks through
PAYERS_WILL_PROVIDER.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypeVar

from groups.models import Group, Membership
from klikon.models import AskAbove, OwnLimit
from superfamilja.accounts.models import User
from superfamilja.audit import acts

Word = TypeVar("Word", OwnLimit, AskAbove)


def keep(
    *, contracts: Collection[int], at: datetime, actor: User | None = None, reason: str = ""
) -> None:
    """Give the open groups of these contracts, and their members, what the payer set before.

    The newest decision counts: a lifted limit stays lifted. It runs in the transaction of the verb
    that opens a group or adds a member.
    """
    limits = _of_the_past(_newest_limits(contracts))
    asked_before = _of_the_past(_newest_asked(contracts))
    if not (limits or asked_before):
        return
    opened = {g.contract_id: g for g in Group.objects.open().filter(contract__in=contracts)}
    for limit in limits:
        if group := opened.get(limit.group.contract_id):
            _keep_limit(limit, group, at, actor, reason)
    for asked in asked_before:
        if group := opened.get(asked.group.contract_id):
            _keep_asked(asked, group, at, actor, reason)


def _newest_limits(contracts: Collection[int]) -> Iterable[OwnLimit]:
    """Return the newest limit of each contract and of each number in it, in force or not."""
    of_whom = ("group__contract_id", "member__msisdn")
    limits = OwnLimit.objects.filter(group__contract__in=contracts)
    return (
        limits.select_related("group__contract", "member")
        .order_by(*of_whom, "-pk")
        .distinct(*of_whom)
    )


def _newest_asked(contracts: Collection[int]) -> Iterable[AskAbove]:
    asked = AskAbove.objects.filter(group__contract__in=contracts)
    newest_first = asked.order_by("group__contract_id", "-pk")
    return newest_first.select_related("group__contract").distinct("group__contract_id")


def _of_the_past(words: Iterable[Word]) -> list[Word]:
    """Return limits that the payer never lifted, although their group or member is gone."""
    return [word for word in words if word.ended_at is None and not _binds(word)]


def _binds(word: OwnLimit | AskAbove) -> bool:
    member = word.member if isinstance(word, OwnLimit) else None
    return word.group.closed_on is None and (member is None or member.left_on is None)


def _keep_limit(
    before: OwnLimit, group: Group, at: datetime, actor: User | None, reason: str
) -> None:
    member: Membership | None = None
    if before.member:
        member = group.memberships.current().filter(msisdn=before.member.msisdn).first()
        if member is None:
            return
    kept = OwnLimit.objects.create(
        group=group,
        member=member,
        limit_lek=before.limit_lek,
        set_at=max(at, before.set_at),
        set_by=before.set_by,
    )
    whom = {"member": member.pk} if member else {"group": group.pk}
    acts.record(
        "keep_limit",
        actor=actor,
        at=at,
        contract_number=before.group.contract.number,
        reason=reason,
        limit_lek=kept.limit_lek,
        **whom,
    )


def _keep_asked(
    before: AskAbove, group: Group, at: datetime, actor: User | None, reason: str
) -> None:
    AskAbove.objects.create(
        group=group,
        above_lek=before.above_lek,
        set_at=max(at, before.set_at),
        set_by=before.set_by,
    )
    acts.record(
        "keep_ask_above",
        actor=actor,
        at=at,
        contract_number=before.group.contract.number,
        reason=reason,
        group=group.pk,
        above_lek=before.above_lek,
    )
