"""Race for the month's room with real threads; each test turns its guard off to see the race."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime
from functools import partial
from itertools import count
from typing import Any
from unittest import mock

import pytest
from django.db import transaction

from billing import charges
from billing.models import BillEntry, BillMonth
from groups import membership
from groups.models import Contract, Group
from klikon.activation import record, snapshot
from klikon.activation.activate import activate
from klikon.leader import leadership
from klikon.models import Activation, Channel, LeaderAssignment
from superfamilja.values.months import month_of
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race, without
from tests.factories import (
    GroupFactory,
    MembershipFactory,
    assign,
    at,
    catalogue,
    family_with_leader,
)
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-05 14:05")
_keys = count()


def buying(
    leader: LeaderAssignment, package: str = "S700", key: str | None = None, at: datetime = NOW
) -> Callable[[], Activation]:
    """The leader buys for themselves; each call has a new key unless one is given."""
    return partial(
        activate,
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package=package,
        at=at,
        channel=Channel.IVR,
        client=f"race-{leader.pk}",
        key=key or f"auto-{next(_keys)}",
        repeat_confirmed=True,
    )


def spent(contract: Contract) -> int:
    return BillEntry.objects.get(contract=contract).spent


@pytest.fixture
def at_the_edge() -> tuple[Group, LeaderAssignment]:
    """6,000 spent: room for exactly one Super 700."""
    group, leader = family_with_leader()
    for _ in range(6):
        buying(leader, "S1200")()
    return group, leader


class TestTheLastRoom:
    def attempt(self, leader: LeaderAssignment, calls: int) -> dict[str, int]:
        # All of them have read the same facts and found room; then they continue at once.
        with meeting_before("billing.charges.post_charge", calls):
            return race(*[buying(leader) for _ in range(calls)])

    def test_e11_two_calls_in_the_same_instant_with_room_for_one(
        self, at_the_edge: tuple[Group, LeaderAssignment]
    ) -> None:
        group, leader = at_the_edge
        assert self.attempt(leader, 2) == {DONE: 1, "over_the_cap": 1}
        assert spent(group.contract) == 6500

    def test_of_fifty_at_the_edge_exactly_one_is_accepted(
        self, at_the_edge: tuple[Group, LeaderAssignment]
    ) -> None:
        group, leader = at_the_edge
        assert self.attempt(leader, 50) == {DONE: 1, "over_the_cap": 49}
        assert spent(group.contract) == 6500
        assert group.contract.charges.count() == 7

    UNGUARDED = charges._POST.replace("WHERE e.spent + EXCLUDED.spent <= EXCLUDED.ceiling", "")

    def test_control_without_the_condition_the_check_has_to_stop_it(
        self, at_the_edge: tuple[Group, LeaderAssignment]
    ) -> None:
        _group, leader = at_the_edge
        with mock.patch.object(charges, "_POST", self.UNGUARDED):
            assert self.attempt(leader, 2) == {DONE: 1, "IntegrityError": 1}

    def test_control_without_condition_and_checks_the_cap_would_break(
        self, at_the_edge: tuple[Group, LeaderAssignment]
    ) -> None:
        group, leader = at_the_edge
        with ExitStack() as off:
            off.enter_context(mock.patch.object(charges, "_POST", self.UNGUARDED))
            off.enter_context(
                without(
                    "ALTER TABLE billing_billentry DROP CONSTRAINT entry_spent_within_ceiling",
                    "ALTER TABLE billing_billentry ADD CONSTRAINT entry_spent_within_ceiling "
                    "CHECK (spent >= 0 AND spent <= ceiling) NOT VALID",
                )
            )
            off.enter_context(
                without(
                    "ALTER TABLE billing_charge DROP CONSTRAINT charge_within_limit",
                    "ALTER TABLE billing_charge ADD CONSTRAINT charge_within_limit "
                    "CHECK (spent_after <= limit_then) NOT VALID",
                )
            )
            off.enter_context(
                without(
                    "ALTER TABLE klikon_activation DROP CONSTRAINT "
                    "klikon_activation_room_left_check",
                    "ALTER TABLE klikon_activation ADD CONSTRAINT "
                    "klikon_activation_room_left_check CHECK (room_left >= 0) NOT VALID",
                )
            )
            assert self.attempt(leader, 2) == {DONE: 2}
        assert spent(group.contract) == 7000


class TestTheSameKeyTwiceAtOnce:
    def test_r21_it_is_charged_once_and_all_hear_the_same(self) -> None:
        group, leader = family_with_leader()
        with meeting_before("klikon.activation.snapshot.read"):
            assert race(*[buying(leader, key="one")] * 10) == {DONE: 10}
        assert spent(group.contract) == 500

    def test_control_without_the_key_lock_the_index_has_to_stop_it(self) -> None:
        _group, leader = family_with_leader()
        unlocked = snapshot._LOCK.replace("pg_advisory_xact_lock(%(key_lock)s", "concat(0")
        with (
            mock.patch.object(snapshot, "_LOCK", unlocked),
            meeting_before("billing.charges.post_charge"),
        ):
            outcome = race(*[buying(leader, key="one")] * 2)
        assert outcome == {DONE: 1, "IntegrityError": 1}


class TestTheLeaderChangesMeanwhile:
    """Activations lock the group's row FOR SHARE, changes to the group FOR UPDATE."""

    def who_leads_at_the_last_write(self, group: Group, leader: LeaderAssignment) -> str:
        replacing = partial(
            leadership.assign,
            proof=payers_word(group.memberships.get(seat=2).group.contract, NOW),
            member=group.memberships.get(seat=2),
            channel=Channel.STORE,
            signatory_name="Drita Dardha",
            evidence="form 2",
            at=NOW,
        )
        seen: list[str] = []
        write = record.write

        def looking(*args: Any) -> Activation:
            seen.append(LeaderAssignment.objects.in_force().get(group=group).member.name)
            return write(*args)

        with (
            mock.patch.object(record, "write", looking),
            interrupted_by(replacing, at="billing.charges.post_charge") as replaced,
        ):
            assert race(buying(leader)) == {DONE: 1}
        assert replaced.result() == {DONE: 1}
        return seen[0]

    @pytest.fixture
    def of_elira(self) -> tuple[Group, LeaderAssignment]:
        catalogue()
        group = GroupFactory()
        elira = MembershipFactory(group=group, seat=1, name="Elira")
        MembershipFactory(group=group, seat=2, name="Besnik")
        return group, assign(elira)

    def test_the_change_waits_until_the_activation_is_over(
        self, of_elira: tuple[Group, LeaderAssignment]
    ) -> None:
        assert self.who_leads_at_the_last_write(*of_elira) == "Elira"

    def test_control_without_the_lock_a_former_leader_would_activate(
        self, of_elira: tuple[Group, LeaderAssignment]
    ) -> None:
        with mock.patch("klikon.leader.leadership.lock_group", _unlocked):
            assert self.who_leads_at_the_last_write(*of_elira) == "Besnik"


def _unlocked(group_id: int) -> Group:
    return Group.objects.select_related("contract").get(pk=group_id)


class TestTheMonthClosesMeanwhile:
    """Closing takes the month's lock exclusively, posting takes it shared (R13)."""

    @staticmethod
    def close(month: date, *, locked: bool) -> None:
        with transaction.atomic():
            if locked:
                charges.lock_month_exclusively(month)
            BillMonth.objects.create(month=month, closed_at=NOW)

    def closed_before_the_charge_stood(self, at_moment: datetime, *, locked: bool) -> bool:
        _group, leader = family_with_leader()
        closing = partial(self.close, month_of(at_moment), locked=locked)
        seen: list[bool] = []
        write = record.write

        def looking(*args: Any) -> Activation:
            seen.append(charges.is_closed(month_of(at_moment)))
            return write(*args)

        # The first charge of a contract in a month has no entry yet that could be locked.
        with (
            mock.patch.object(record, "write", looking),
            interrupted_by(closing, at="klikon.activation.record.write") as closed,
        ):
            assert race(buying(leader, at=at_moment)) == {DONE: 1}
        assert closed.result() == {DONE: 1}
        return seen[0]

    def test_closing_waits_for_the_charge(self) -> None:
        assert self.closed_before_the_charge_stood(at("2021-01-05 10:00"), locked=True) is False

    def test_control_without_the_lock_the_month_closes_around_the_charge(self) -> None:
        assert self.closed_before_the_charge_stood(at("2021-02-05 10:00"), locked=False) is True


def test_r1_a_group_that_closes_first_takes_no_activation_any_more() -> None:
    group, leader = family_with_leader()
    membership.close_group(group=group, at=NOW)
    assert race(buying(leader)) == {"not_the_leader": 1}
