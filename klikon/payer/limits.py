"""The payer's own limits, lower than the cap, for the group or for one member (R27).

The group's row is locked FOR UPDATE, so that a simultaneous activation sees the limit either before
or after. A changed limit ends, and a new one begins. Raising or lifting one needs the payer's proof
(R30); lowering is always possible.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from groups import terms
from groups.membership import NotAMember, lock_group, require_open
from groups.models import Group, Membership, TermsVersion
from groups.proof import Proof, recorded, require_loosening, require_tightening
from klikon.catalogue.prices import Price
from klikon.models import OwnLimit
from klikon.payer import loosened_messages
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.data.history import not_before
from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek


class AboveTheCap(Refusal):
    """A limit above the cap would promise room that nobody has."""

    rule = "R27"
    code = "above_the_cap"
    sentence = gettext_noop(
        "%(limit_lek)s is more than the monthly cap of %(cap_lek)s, which binds in any case. Set "
        "at most %(cap_lek)s, or lift the limit."
    )

    def shown(self) -> dict[str, Any]:
        return {name: lek(amount) for name, amount in self.details.items()}


class NoOwnLimit(Refusal):
    rule = "R27"
    code = "no_own_limit"
    sentence = gettext_noop("There is no such limit any more. Look at the contract again.")


@transaction.atomic
def set_limit(
    *,
    group: Group,
    limit_lek: int,
    at: datetime,
    proof: Proof | None = None,
    member: Membership | None = None,
    actor: User | None = None,
    reason: str = "",
) -> OwnLimit:
    """Limit the group, or one member, to `limit_lek` a month; 0 allows nothing more.

    The same limit again changes nothing. What was spent already stays. A higher one needs a proof
    that loosens. Raises the refusals of groups.proof, GroupClosed, NotAMember, AboveTheCap,
    ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group = lock_group(group.pk)
    require_settable(group, member, limit_lek, at)
    before = limit_of(group, member)
    if before and before.limit_lek == limit_lek:
        return before
    is_raised = raises(before, limit_lek)
    if is_raised:
        require_loosening(proof, group.contract, acts=("set_limit",), at=at)
    else:
        require_tightening(proof, group.contract)
    at = _not_before(at, group, member)
    if before:
        _end(before, at)
    limit = OwnLimit.objects.create(
        group=group, member=member, limit_lek=limit_lek, set_at=at, set_by=actor
    )
    words = recorded(proof)
    _record("set_limit", limit, group, at=at, actor=actor, reason=reason, words=words)
    if is_raised:
        loosened_messages.limit_raised(group.contract, limit, at)
    return limit


@transaction.atomic
def lift_limit(
    *,
    group: Group,
    at: datetime,
    proof: Proof | None,
    member: Membership | None = None,
    actor: User | None = None,
    reason: str = "",
) -> OwnLimit:
    """End the payer's limit for the group, or for that member; the cap still counts.

    Raises the refusals of groups.proof, GroupClosed, NotAMember, NoOwnLimit, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group = lock_group(group.pk)
    limit = require_liftable(group, member)
    require_loosening(proof, group.contract, acts=("lift_limit",), at=at)
    at = _not_before(at, group, member)
    _end(limit, at)
    words = recorded(proof)
    _record("lift_limit", limit, group, at=at, actor=actor, reason=reason, words=words)
    loosened_messages.limit_lifted(group.contract, limit, at)
    return limit


def require_settable(group: Group, member: Membership | None, limit_lek: int, at: datetime) -> None:
    """Raise what `set_limit` refuses, whatever the proof: GroupClosed, NotAMember, AboveTheCap."""
    _require_current(group, member)
    cap_lek = terms.in_force(group, at).cap_lek
    if limit_lek > cap_lek:
        raise AboveTheCap(limit_lek=limit_lek, cap_lek=cap_lek)


def raises(before: OwnLimit | None, limit_lek: int) -> bool:
    """Return whether this amount loosens the present limit and so needs a proof (R30)."""
    return before is not None and before.limit_lek < limit_lek


def require_liftable(group: Group, member: Membership | None) -> OwnLimit:
    """Return the limit that would be lifted.

    Raise what `lift_limit` refuses, whatever the proof: GroupClosed, NotAMember, NoOwnLimit.
    """
    _require_current(group, member)
    limit = limit_of(group, member)
    if limit is None:
        raise NoOwnLimit
    return limit


def group_limit_lek(group: Group, in_force: TermsVersion) -> int:
    """Return what the group may spend a month: its terms' cap, or the payer's lower limit."""
    return OwnLimit.objects.group_limit_lek(group, in_force.cap_lek)


def in_super_700(limit_lek: int, in_force: TermsVersion) -> int:
    """Return how many of the smallest Klik-ON package a limit holds: 6,500 is 13 × Super 700.

    People think in packages, and many still in old lek.
    """
    return limit_lek // _smallest_charged_lek(in_force)


def spoken(limit_lek: int, in_force: TermsVersion) -> str:
    """Return «2.000 Lekë (= 4 × Super 700)», with the rest if any."""
    count = in_super_700(limit_lek, in_force)
    name = f"Super {in_force.smallest_list_price_lek}"
    if not count:
        return f"{lek(limit_lek)} (< 1 × {name})"
    rest = limit_lek - count * _smallest_charged_lek(in_force)
    return f"{lek(limit_lek)} (= {count} × {name}{f' + {lek(rest)}' if rest else ''})"


def _smallest_charged_lek(in_force: TermsVersion) -> int:
    return Price(in_force.smallest_list_price_lek, in_force.discount_lek).charged_lek


def _require_current(group: Group, member: Membership | None) -> None:
    require_open(group)
    if member and not group.memberships.current().filter(pk=member.pk).exists():
        raise NotAMember


def limit_of(group: Group, member: Membership | None) -> OwnLimit | None:
    """Return the payer's own limit for the group, or for one member; None when there is none."""
    return OwnLimit.objects.standing(group, member).first()


def _not_before(at: datetime, group: Group, member: Membership | None) -> datetime:
    history = OwnLimit.objects.filter(group=group, member=member)
    return not_before(at, history, "set_at", "ended_at")


def _end(limit: OwnLimit, at: datetime) -> None:
    limit.ended_at = at
    limit.save(update_fields=["ended_at"])


def _record(
    verb: str,
    limit: OwnLimit,
    group: Group,
    *,
    at: datetime,
    actor: User | None,
    reason: str,
    words: dict[str, str],
) -> None:
    whom = {"member": limit.member_id} if limit.member_id else {"group": group.pk}
    acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=group.contract.number,
        reason=reason,
        limit_lek=limit.limit_lek,
        **whom,
        **words,
    )
