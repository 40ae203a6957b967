"""R27: of cap, group's limit and member's limit, the one that leaves least binds and is named."""

from itertools import count

import pytest

from billing.models import BillEntry
from billing.outcomes import reverse
from groups.models import Membership
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.models import Activation, Channel, LeaderAssignment, OwnLimit, lowest_limit_lek
from klikon.payer import limits
from tests.factories import at, family_with_leader

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
_keys = count()


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def buy(leader: LeaderAssignment, *packages: str, seat: int = 1) -> Activation:
    for package in packages:
        activation = activate(
            leader=leader.member.msisdn,
            member=leader.group.memberships.get(seat=seat).msisdn,
            package=package,
            at=NOW,
            channel=Channel.IVR,
            client="test",
            key=str(next(_keys)),
            repeat_confirmed=True,
        )
    return activation


def limit(leader: LeaderAssignment, lek: int, member: Membership | None = None) -> OwnLimit:
    return limits.set_limit(group=leader.group, member=member, limit_lek=lek, at=NOW)


# The member has spent 500, another member 1.800 of 6.500; now they ask for Super 2000 (1.800). The
# columns: the limit, what it leaves, and which packages still fit.
@pytest.mark.parametrize(
    ("groups", "his", "named", "told"),
    [
        (3000, 2000, "over_the_groups_limit", (3000, 700, ["S700"])),
        (3500, 1500, "over_the_members_limit", (1500, 1000, ["S700", "S1000", "S1200"])),
        (None, 1700, "over_the_members_limit", (1700, 1200, ["S700", "S1000", "S1200"])),
        (3600, None, "over_the_groups_limit", (3600, 1300, ["S700", "S1000", "S1200", "S1500"])),
        (2300, 6500, "over_the_groups_limit", (2300, 0, [])),
        (6500, 0, "over_the_members_limit", (0, 0, [])),
    ],
)
def test_r27_the_lowest_is_named_and_what_fits_obeys_all(
    leader: LeaderAssignment,
    groups: int | None,
    his: int | None,
    named: str,
    told: tuple[int, int, list[str]],
) -> None:
    buy(leader, "S700")
    buy(leader, "S2000", seat=2)
    for lek, member in ((groups, None), (his, leader.member)):
        if lek is not None:
            limit(leader, lek, member)
    with pytest.raises(refusals.OverALimit) as refused:
        buy(leader, "S2000")
    details = refused.value.details
    fits = [offer["code"] for offer in refused.value.still_fits]
    assert (refused.value.code, details["limit_lek"], details["room_lek"], fits) == (named, *told)


def test_r9_r27_where_the_cap_leaves_least_it_is_the_cap_that_is_named(
    leader: LeaderAssignment,
) -> None:
    limit(leader, 6500)
    limit(leader, 6500, leader.member)
    buy(leader, "S2000", "S2000", "S2000", seat=2)  # 5.400
    with pytest.raises(refusals.OverTheCap):
        buy(leader, "S2000")


def test_r27_a_members_limit_may_be_reached_exactly(leader: LeaderAssignment) -> None:
    limit(leader, 1300, leader.member)
    buy(leader, "S700", "S1000")  # 500 + 800
    with pytest.raises(refusals.OverTheMembersLimit):
        buy(leader, "S700")


def test_r27_what_was_reversed_does_not_count_for_him(leader: LeaderAssignment) -> None:
    limit(leader, 500, leader.member)
    reverse(reference=buy(leader, "S700").reference, at=NOW, reason="not delivered")
    assert buy(leader, "S700").charged_lek == 500


def test_r27_a_members_limit_that_refuses_leaves_nothing_on_the_entry(
    leader: LeaderAssignment,
) -> None:
    limit(leader, 500, leader.member)
    buy(leader, "S700")
    with pytest.raises(refusals.OverTheMembersLimit):
        buy(leader, "S700")
    assert BillEntry.objects.get().spent == 500


def test_r27_the_room_that_the_leader_is_told_is_that_of_the_group(
    leader: LeaderAssignment,
) -> None:
    limit(leader, 2000)
    limit(leader, 500, leader.member)
    assert buy(leader, "S700").room_left == 1500


def test_r27_of_last_month_nothing_counts(leader: LeaderAssignment) -> None:
    limit(leader, 500, leader.member)
    buy(leader, "S700")
    next_month = activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package="S700",
        at=at("2026-12-01 00:00"),
        channel=Channel.IVR,
        client="test",
        key="december",
    )
    assert next_month.spent_after == 500


@pytest.mark.parametrize(
    ("own", "lowest"),
    [((), 6500), ((None, None), 6500), ((2000, None), 2000), ((2000, 0), 0), ((7000,), 6500)],
)
def test_r27_the_lowest_of_the_cap_and_the_payers_own_limits_binds(
    own: tuple[int | None, ...], lowest: int
) -> None:
    assert lowest_limit_lek(6500, *own) == lowest
