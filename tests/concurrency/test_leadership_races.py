"""Race activations against changes to the group (R1, R4, R16, R26, R27).

The Fixed Leader, the desk and the CRM make the changes. An activation holds the group's row FOR
SHARE; a change takes it FOR UPDATE. Each test has a control that turns the lock off and sees the
race happen.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from groups import membership
from groups.base_import.columns import COLUMNS
from groups.base_import.run import import_base
from groups.models import Contract, Group, Membership
from klikon.activation.activate import activate
from klikon.leader import freezes, leadership
from klikon.models import (
    Activation,
    Channel,
    DeclarationChannel,
    FreezeCause,
    LeaderAssignment,
    OwnLimit,
)
from klikon.payer import limits
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race, seeing
from tests.factories import at, family, family_with_leader
from tests.proofs import naming_word

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-05 14:05")
# at this point every rule is checked; only writing follows
ACCEPTING = "billing.charges.post_charge"
RECORDING = "superfamilja.audit.acts.record"  # the last thing that a verb on a group writes
_keys = count()

Act = Callable[[], Any]


def buying(leader: LeaderAssignment) -> Act:
    """The leader buys for the group's second member."""
    return partial(
        activate,
        leader=leader.member.msisdn,
        member=leader.group.memberships.get(seat=2).msisdn,
        package="S700",
        at=NOW,
        channel=Channel.IVR,
        client=f"leadership-race-{leader.pk}",
        key=str(next(_keys)),
    )


def revoking(leader: LeaderAssignment) -> Act:
    return partial(leadership.revoke, assignment=leader, at=NOW)


def freezing(leader: LeaderAssignment) -> Act:
    return partial(freezes.freeze, assignment=leader, at=NOW)


def told_by_the_crm(leader: LeaderAssignment) -> Act:
    return partial(
        freezes.number_changed,
        msisdn=leader.member.msisdn,
        cause=FreezeCause.SIM_SWAPPED,
        at=NOW,
    )


def ported(leader: LeaderAssignment) -> Act:
    return partial(
        freezes.number_changed, msisdn=leader.member.msisdn, cause=FreezeCause.PORTED, at=NOW
    )


def naming_another(leader: LeaderAssignment) -> Act:
    return naming(leader.group.memberships.get(seat=3))


def naming(member: Membership) -> Act:
    return partial(
        leadership.assign,
        proof=naming_word(member, NOW),
        member=member,
        channel=DeclarationChannel.ONLINE,
        signatory_name="Drita Dardha",
        evidence="confirmed online",
        at=NOW,
    )


def removing_the_leader(leader: LeaderAssignment) -> Act:
    return partial(membership.remove_member, membership=leader.member, at=NOW)


def removing_the_member(leader: LeaderAssignment) -> Act:
    return partial(
        membership.remove_member, membership=leader.group.memberships.get(seat=2), at=NOW
    )


def unlocked(group_id: int) -> Group:
    return Group.objects.select_related("contract").get(pk=group_id)


@contextmanager
def no_group_lock() -> Iterator[None]:
    with (
        mock.patch("klikon.leader.leadership.lock_group", unlocked),
        mock.patch("klikon.leader.freezes.lock_group", unlocked),
        mock.patch("klikon.leader.standing.lock_group", unlocked),
        mock.patch("groups.membership.lock_group", unlocked),
    ):
        yield


@contextmanager
def no_contract_lock() -> Iterator[None]:
    """Let nobody hold the contract's row while a proof is decided (R30)."""
    unheld = "klikon.leader.leadership.require_loosening"
    with mock.patch(unheld, lambda _proof, contract, **_: contract):
        yield


def in_force(leader: LeaderAssignment) -> bool:
    return LeaderAssignment.objects.in_force().filter(pk=leader.pk).exists()


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


ENDS_THE_LEADERSHIP = [revoking, freezing, told_by_the_crm, naming_another, removing_the_leader]


class TestTheLeadershipEndsMeanwhile:
    def in_force_when_accepted(self, leader: LeaderAssignment, change: Act) -> bool:
        with (
            seeing(lambda: in_force(leader), at=ACCEPTING) as seen,
            interrupted_by(change, at=ACCEPTING) as changed,
        ):
            assert race(buying(leader)) == {DONE: 1}
        assert changed.result() == {DONE: 1}
        assert not in_force(leader)
        return bool(seen[0])

    @pytest.mark.parametrize("change", ENDS_THE_LEADERSHIP)
    def test_r4_r26_the_change_waits_until_the_activation_is_over(
        self, leader: LeaderAssignment, change: Callable[[LeaderAssignment], Act]
    ) -> None:
        assert self.in_force_when_accepted(leader, change(leader)) is True

    @pytest.mark.parametrize("change", ENDS_THE_LEADERSHIP)
    def test_control_without_the_lock_nobodys_activation_would_be_accepted(
        self, leader: LeaderAssignment, change: Callable[[LeaderAssignment], Act]
    ) -> None:
        with no_group_lock():
            assert self.in_force_when_accepted(leader, change(leader)) is False


class TestAnActivationComesWhileTheLeadershipEnds:
    REFUSED = {
        "revoking": "not_the_leader",
        "freezing": "leader_frozen",
        "told_by_the_crm": "leader_frozen",
        "naming_another": "not_the_leader",
        "removing_the_leader": "not_the_leader",
    }

    def outcome_for_the_buyer(self, leader: LeaderAssignment, change: Act) -> dict[str, int]:
        with interrupted_by(buying(leader), at=RECORDING) as bought:
            assert race(change) == {DONE: 1}
        return bought.result()

    @pytest.mark.parametrize("change", ENDS_THE_LEADERSHIP)
    def test_r4_r26_it_waits_and_is_refused(
        self, leader: LeaderAssignment, change: Callable[[LeaderAssignment], Act]
    ) -> None:
        outcome = self.outcome_for_the_buyer(leader, change(leader))
        assert outcome == {self.REFUSED[change.__name__]: 1}
        assert not Activation.objects.filter(group=leader.group).exists()

    @pytest.mark.parametrize("change", ENDS_THE_LEADERSHIP)
    def test_control_without_the_lock_it_would_slip_through(
        self, leader: LeaderAssignment, change: Callable[[LeaderAssignment], Act]
    ) -> None:
        with no_group_lock():
            outcome = self.outcome_for_the_buyer(leader, change(leader))
        assert outcome == {DONE: 1}


class TestTheMemberLeavesMeanwhile:
    def is_a_member_when_served(self, leader: LeaderAssignment) -> bool:
        current = leader.group.memberships.current().filter(seat=2)
        with (
            seeing(current.exists, at=ACCEPTING) as seen,
            interrupted_by(removing_the_member(leader), at=ACCEPTING) as removed,
        ):
            assert race(buying(leader)) == {DONE: 1}
        assert removed.result() == {DONE: 1}
        return bool(seen[0])

    def test_r2_the_removal_waits_until_the_activation_is_over(
        self, leader: LeaderAssignment
    ) -> None:
        assert self.is_a_member_when_served(leader) is True

    def test_control_without_the_lock_a_stranger_would_be_served(
        self, leader: LeaderAssignment
    ) -> None:
        with no_group_lock():
            assert self.is_a_member_when_served(leader) is False

    def test_r2_an_activation_during_the_removal_waits_and_is_refused(
        self, leader: LeaderAssignment
    ) -> None:
        with interrupted_by(buying(leader), at=RECORDING) as bought:
            assert race(removing_the_member(leader)) == {DONE: 1}
        assert bought.result() == {"not_in_the_group": 1}


class TestTheSubscriberFileSuspendsTheContractMeanwhile:
    @pytest.fixture
    def suspending(self, leader: LeaderAssignment, tmp_path: Path) -> Act:
        """Import a file in which the CRM suspends the contract and changes nothing else."""
        group, member = leader.group, leader.member
        contract = group.contract
        path = tmp_path / "base.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerow(
                [
                    contract.number,
                    contract.fixed_number,
                    "suspended",
                    contract.owner_nid,
                    contract.owner_name,
                    contract.contact_msisdn,
                    "",
                    contract.service_address,
                    "",
                    group.opened_on,
                    "",
                    member.msisdn,
                    member.name,
                    member.plan,
                    member.joined_on,
                    "",
                ]
            )
        return partial(import_base, path, at=NOW)

    def status_when_accepted(self, leader: LeaderAssignment, suspending: Act) -> str:
        contract = Contract.objects.filter(pk=leader.group.contract_id)
        with (
            seeing(lambda: contract.get().status, at=ACCEPTING) as seen,
            interrupted_by(suspending, at=ACCEPTING) as suspended,
        ):
            assert race(buying(leader)) == {DONE: 1}
        assert suspended.result() == {DONE: 1}
        assert contract.get().status == "suspended"
        return str(seen[0])

    def test_r16_the_import_waits_until_the_activation_is_over(
        self, leader: LeaderAssignment, suspending: Act
    ) -> None:
        assert self.status_when_accepted(leader, suspending) == "active"

    def test_control_without_the_lock_a_suspended_contract_would_spend(
        self, leader: LeaderAssignment, suspending: Act
    ) -> None:
        with mock.patch("groups.base_import.merge._lock"):
            status = self.status_when_accepted(leader, suspending)
        assert status == "suspended"

    def test_r16_an_activation_during_the_suspension_waits_and_is_refused(
        self, leader: LeaderAssignment, suspending: Act
    ) -> None:
        with interrupted_by(buying(leader), at="groups.base_import.merge._write") as bought:
            assert race(suspending) == {DONE: 1}
        assert bought.result() == {"contract_suspended": 1}


class TestTwoAtOnce:
    """Allow one leader a group and one stop at a time."""

    def test_r4_of_two_declarations_one_ends_the_other(self) -> None:
        group = family()
        first, second = (naming(group.memberships.get(seat=seat)) for seat in (1, 2))
        with meeting_before("klikon.leader.standing.after_history"):
            assert race(first, second) == {DONE: 2}
        assert LeaderAssignment.objects.in_force().filter(group=group).count() == 1
        assert group.leader_assignments.count() == 2

    def test_control_without_the_lock_the_index_has_to_stop_it(self) -> None:
        group = family()
        first, second = (naming(group.memberships.get(seat=seat)) for seat in (1, 2))
        with (
            no_group_lock(),
            no_contract_lock(),
            meeting_before("klikon.leader.standing.after_history"),
        ):
            assert race(first, second) == {DONE: 1, "IntegrityError": 1}

    def test_control_the_contract_that_a_proof_holds_lets_one_at_a_time_in(self) -> None:
        group = family()
        first, second = (naming(group.memberships.get(seat=seat)) for seat in (1, 2))
        with no_group_lock(), meeting_before("klikon.leader.standing.after_history"):
            assert race(first, second) == {DONE: 2}
        assert LeaderAssignment.objects.in_force().filter(group=group).count() == 1

    def test_r4_of_two_stops_one_is_told_that_there_is_one(self, leader: LeaderAssignment) -> None:
        with meeting_before("klikon.leader.freezes._freeze"):
            assert race(*[freezing(leader)] * 2) == {DONE: 1, "already_frozen": 1}

    def test_r26_told_twice_at_once_is_told_once(self, leader: LeaderAssignment) -> None:
        with meeting_before("klikon.leader.freezes._freeze"):
            assert race(*[told_by_the_crm(leader)] * 2) == {DONE: 2}
        assert leader.freezes.count() == 1

    @pytest.mark.parametrize("stop", [freezing, ported])
    def test_control_without_the_lock_the_index_has_to_stop_the_second(
        self, leader: LeaderAssignment, stop: Callable[[LeaderAssignment], Act]
    ) -> None:
        with no_group_lock(), meeting_before("klikon.leader.freezes._freeze"):
            outcome = race(stop(leader), told_by_the_crm(leader))
        assert outcome == {DONE: 1, "IntegrityError": 1}


class TestALimitIsSetMeanwhile:
    """R27: an own limit waits for the activation, and an activation waits for the own limit."""

    def limits_when_accepted(self, leader: LeaderAssignment) -> int:
        limiting = partial(limits.set_limit, group=leader.group, limit_lek=0, at=NOW)
        standing = OwnLimit.objects.filter(group=leader.group, ended_at=None)
        with (
            seeing(standing.count, at=ACCEPTING) as seen,
            interrupted_by(limiting, at=ACCEPTING) as limited,
        ):
            assert race(buying(leader)) == {DONE: 1}
        assert limited.result() == {DONE: 1}
        return int(seen[0])

    def test_r27_the_limit_waits_until_the_activation_is_over(
        self, leader: LeaderAssignment
    ) -> None:
        assert self.limits_when_accepted(leader) == 0

    def test_control_without_the_lock_a_new_limit_would_be_passed_over(
        self, leader: LeaderAssignment
    ) -> None:
        with mock.patch("klikon.payer.limits.lock_group", unlocked):
            assert self.limits_when_accepted(leader) == 1

    def test_r27_an_activation_while_the_limit_is_set_waits_and_is_refused(
        self, leader: LeaderAssignment
    ) -> None:
        limiting = partial(limits.set_limit, group=leader.group, limit_lek=0, at=NOW)
        with interrupted_by(buying(leader), at=RECORDING) as bought:
            assert race(limiting) == {DONE: 1}
        assert bought.result() == {"over_the_groups_limit": 1}
