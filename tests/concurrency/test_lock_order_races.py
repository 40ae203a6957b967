"""Acts that need the same rows wait for each other in one order, never in a circle."""

from collections.abc import Callable
from functools import partial
from threading import get_ident
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError

from groups import contact_hold
from groups.models import ContactHold, ContactHoldCause, Contract, Group
from groups.proof import RecordedCall
from klikon.leader import contact_proof, freezes
from klikon.models import FreezeCause, LeaderFreeze
from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import User
from superfamilja.accounts.requests import server_acts
from superfamilja.accounts.requests.server_acts import Newcomer
from superfamilja.customers.models import Account
from tests.accounts.administrators import deciding
from tests.concurrency.racing import DONE, interrupted_by
from tests.factories import at, family_with_leader
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-11-20 10:00")


class TestTheCrmsWordAndADispute:
    """Both stop the leader and end the sessions of a number, which is the same number here."""

    @pytest.fixture
    def group(self) -> Group:
        group, leader = family_with_leader()
        number = leader.member.msisdn
        Contract.objects.filter(pk=group.contract_id).update(contact_msisdn=number)
        Account.objects.create(msisdn=number, made_at=NOW)
        group = Group.objects.select_related("contract").get(pk=group.pk)
        contact_hold.begin(group.contract, after=number, cause=ContactHoldCause.CRM, at=NOW)
        return group

    def told(self, group: Group) -> None:
        number, cause = group.contract.contact_msisdn, FreezeCause.SIM_SWAPPED
        freezes.number_changed(msisdn=number, cause=cause, at=NOW)

    def disputing(self, group: Group) -> Callable[[], Any]:
        return partial(
            contact_proof.dispute,
            contract=group.contract,
            word=RecordedCall(call="C-2026-118"),
            at=NOW,
            actor=staff_member(roles.CARE_AGENT),
            reason="called",
        )

    @pytest.mark.parametrize("moment", ["freezes.lock_group", "standing.after_history"])
    def test_both_are_done_whenever_they_meet(self, group: Group, moment: str) -> None:
        with interrupted_by(self.disputing(group), f"klikon.leader.{moment}") as disputed:
            self.told(group)
        assert disputed.result(30) == {DONE: 1}
        assert ContactHold.objects.get(contract=group.contract).disputed_at == NOW
        stops = LeaderFreeze.objects.filter(assignment__group=group, ended_at=None)
        assert [stop.cause for stop in stops] == ["sim_swapped"]

    def test_control_with_the_sessions_before_the_group_they_deadlock(self, group: Group) -> None:
        here, number = get_ident(), group.contract.contact_msisdn

        def end_first(group_id: int) -> Group:
            if get_ident() == here:
                Account.end_sessions(number)
            return locking(group_id)

        def meeting() -> None:
            nonlocal locking
            entering = "klikon.leader.freezes.lock_group"
            with interrupted_by(self.disputing(group), entering) as disputed:
                locking = freezes.lock_group
                with mock.patch.object(freezes, "lock_group", end_first):
                    self.told(group)
            disputed.result(30)

        locking = freezes.lock_group
        with pytest.raises(OperationalError, match="deadlock"):
            meeting()


class TestTheServerAndAnAdministrator:
    @pytest.fixture
    def second(self) -> User:
        """Make the person whose account is disabled while the server lets them in again."""
        User.objects.filter(groups__name=roles.ADMINISTRATOR).update(is_active=False)
        return deciding(roles.ADMINISTRATOR)

    def let_in(self, second: User) -> Callable[[], Any]:
        return partial(
            server_acts.make_by_server,
            person=Newcomer(second.username, "", ""),
            at=NOW,
            reason="lost",
            server={},
        )

    def disabled(self, second: User) -> None:
        first = deciding(roles.ADMINISTRATOR)
        staff.disable_staff(user=second, actor=first, at=NOW, reason="left")

    def meeting(self, second: User) -> dict[str, int]:
        """Return how the server's act ends when it comes while the account is being disabled."""
        entering = "superfamilja.accounts.staff.keep_one_administrator"
        with interrupted_by(self.let_in(second), entering) as served:
            self.disabled(second)
        return dict(served.result(30))

    def test_the_server_waits_and_then_lets_them_in(self, second: User) -> None:
        assert self.meeting(second) == {DONE: 1}
        second.refresh_from_db()
        assert second.is_active

    def test_control_with_the_people_before_the_role_they_deadlock(self, second: User) -> None:
        people_first = mock.patch.object(staff, "lock_in_turn", staff.lock_people)
        with people_first, pytest.raises(OperationalError, match="deadlock"):
            self.meeting(second)
