"""Tell the payer, the leader and the one before by SMS that the leadership changed (R23).

Each number gets one SMS a fact, whatever its roles. A number that was given to somebody else gets
none, because its reader is a stranger.
"""

from collections.abc import Mapping
from datetime import datetime

from groups import terms
from groups.models import Contract, Group
from klikon.models import FreezeCause, LeaderAssignment, LeaderFreeze
from klikon.payer import limits
from superfamilja.messages import outbox
from superfamilja.messages.outbox import Facts, roles_by_number, sms_of


def named(
    group: Group,
    leader: LeaderAssignment,
    former: LeaderAssignment | None,
    before: LeaderFreeze | None,
    at: datetime,
) -> None:
    """Tell that a Declaration names the leader.

    A former leader who is still a member is told, too. `before` is the freeze that ended with the
    former leadership.
    """
    in_force = terms.in_force(group, at)
    limit_lek = limits.group_limit_lek(group, in_force)
    told = former is not None and former.member.left_on is None and not _is_a_strangers(before)
    _tell(
        "leader_named",
        group.contract,
        about=leader.declaration.reference,
        roles={
            "is_payer": group.contract.contact_msisdn,
            "is_leader": leader.member.msisdn,
            "is_former": former.member.msisdn if former and told else "",
        },
        facts={
            **_who(leader),
            "limit_lek": limit_lek,
            "limit_in_super_700": limits.in_super_700(limit_lek, in_force),
            "reference": leader.declaration.reference,
        },
        at=at,
    )


def told_before(
    group: Group, leader: LeaderAssignment, numbers: list[str], at: datetime, about: str = ""
) -> None:
    """Tell earlier contact numbers that somebody may activate on this contract's bill (R31).

    These are the contacts before an unproven change. A number that leads or pays was told already.
    """
    contract = group.contract
    heard = {contract.contact_msisdn, leader.member.msisdn}
    about = about or leader.declaration.reference
    told = [
        sms_of(
            contract,
            number,
            "leader_after_change",
            {"fixed_number": contract.fixed_number, "reference": about},
            about=about,
        )
        for number in numbers
        if number not in heard
    ]
    outbox.write(told, at=at)


def revoked(
    group: Group, leader: LeaderAssignment, before: LeaderFreeze | None, at: datetime
) -> None:
    """Tell that nobody leads any more. `before` is the freeze that ended with the leadership."""
    about = leader.declaration.reference
    _tell_both("leader_revoked", group, leader, freeze=before, about=about, at=at)


def given_back(
    group: Group, leader: LeaderAssignment, before: LeaderFreeze | None, at: datetime
) -> None:
    """Tell that the Mobile Leader declined, or gave the leadership back."""
    about = leader.declaration.reference
    _tell_both("leader_gave_back", group, leader, freeze=before, about=about, at=at)


def frozen(group: Group, leader: LeaderAssignment, freeze: LeaderFreeze, at: datetime) -> None:
    """Tell that activations are stopped."""
    _tell_both("leader_frozen", group, leader, freeze=freeze, about=f"F-{freeze.pk}", at=at)


def unfrozen(group: Group, leader: LeaderAssignment, freeze: LeaderFreeze, at: datetime) -> None:
    """Tell that activations are allowed again, because the Fixed Leader confirmed the number."""
    _tell_both("leader_unfrozen", group, leader, freeze=None, about=f"F-{freeze.pk}", at=at)


def _tell_both(
    template: str,
    group: Group,
    leader: LeaderAssignment,
    *,
    freeze: LeaderFreeze | None,
    about: str,
    at: datetime,
) -> None:
    number = leader.member.msisdn
    roles = {"is_payer": group.contract.contact_msisdn, "is_leader": number}
    if _is_a_strangers(freeze):
        roles = {role: "" if to == number else to for role, to in roles.items()}
    _tell(template, group.contract, about=about, roles=roles, facts=_who(leader), at=at)


def _is_a_strangers(freeze: LeaderFreeze | None) -> bool:
    return freeze is not None and freeze.cause == FreezeCause.REASSIGNED


def _who(leader: LeaderAssignment) -> dict[str, str | int]:
    return {"leader_name": leader.member.name, "leader_number": leader.member.msisdn}


def _tell(
    template: str,
    contract: Contract,
    *,
    about: str,
    roles: Mapping[str, str],
    facts: Facts,
    at: datetime,
) -> None:
    messages = [
        sms_of(contract, number, template, {**facts, **its_roles}, about=about)
        for number, its_roles in roles_by_number(roles).items()
    ]
    outbox.write(messages, at=at)
