"""Commit families with something to show, for the browser to find."""

import secrets
from contextlib import suppress

from django.utils import timezone

from billing import disputes
from groups import membership
from groups.models import Group
from klikon.activation import activate
from klikon.activation.refusals import ActivationRefused
from klikon.leader import leadership
from klikon.models import Activation, Channel, LeaderAssignment
from klikon.payer import asking
from tests.factories import ContractFactory, MembershipFactory, family_with_leader
from tests.proofs import payers_word


def lively_family() -> Group:
    """Make a family with every kind of fact.

    Four members, one of them gone, a second Mobile Leader, three activations, one refusal, one
    request that waits for the payer, and one question.
    """
    group, _ = family_with_leader(members=4)
    membership.remove_member(membership=group.memberships.get(seat=4), at=timezone.now())
    name_leader(group, seat=2)
    for seat, package in ((1, "S700"), (2, "S2000"), (3, "S1200")):
        activated(group, seat, package)
    with suppress(ActivationRefused):
        activated(group, 1, "S400")
    asking.set_ask_above(group=group, above_lek=600, at=timezone.now())
    activated(group, 1, "S2000")
    charge = group.contract.charges.order_by("pk")[0]
    disputes.ask(charge=charge, text="Kush e bleu?", key="1", at=timezone.now())
    return group


def full_month() -> Group:
    """Spend 6,400 of 6,500, so that nothing fits any more."""
    group, _ = family_with_leader(members=2)
    for seat, package in ((1, "S2000"), (2, "S2000"), (1, "S2000"), (2, "S1200")):
        activated(group, seat, package)
    return group


def closed_family() -> Group:
    """Make a contract whose only group is closed."""
    group: Group = MembershipFactory(group__contract=ContractFactory()).group
    membership.close_group(group=group, at=timezone.now())
    return group


def name_leader(group: Group, seat: int) -> LeaderAssignment:
    return leadership.assign(
        proof=payers_word(group.contract, timezone.now()),
        member=group.memberships.get(seat=seat),
        channel=Channel.STORE,
        evidence="form 2",
        signatory_name=group.contract.owner_name,
        at=timezone.now(),
    )


def activated(group: Group, seat: int, package: str) -> Activation:
    leader = LeaderAssignment.objects.get(group=group, ended_at=None)
    member = group.memberships.get(seat=seat)
    return activate.activate(
        leader=leader.member.msisdn,
        member=member.msisdn,
        package=package,
        at=timezone.now(),
        channel=Channel.IVR,
        client="browser",
        key=secrets.token_urlsafe(24),
        repeat_confirmed=True,
    )
