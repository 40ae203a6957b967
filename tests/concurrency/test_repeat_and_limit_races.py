"""Race for a key, a repetition and a member's limit (R21, R25, R27) and against changes.

The changes are those of R1, R13 and R18. Each test turns its guard off to see the race happen.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import count
from typing import Any
from unittest import mock

import pytest
from django.db import transaction

from billing.models import BillEntry
from billing.month.closing import close_month
from groups import membership, terms
from groups.models import Group, TermsBinding, TermsVersion
from klikon.activation import snapshot
from klikon.activation.activate import activate
from klikon.models import Activation, Channel, LeaderAssignment
from superfamilja.accounts.models import User
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race, seeing
from tests.factories import OwnLimitFactory, at, family_with_leader

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-05 14:05")
# at this point every rule is checked; only writing follows
ACCEPTING = "billing.charges.post_charge"
_keys = count()

Act = Callable[[], Any]


def buying(leader: LeaderAssignment, package: str = "S700", **other: Any) -> Act:
    """The leader buys for themselves, unconfirmed and with a new key unless told otherwise."""
    request = {
        "leader": leader.member.msisdn,
        "member": leader.member.msisdn,
        "package": package,
        "at": NOW,
        "channel": Channel.IVR,
        "client": f"repeat-race-{leader.pk}",
        "key": f"auto-{next(_keys)}",
    }
    return partial(activate, **{**request, **other})


def spent(group: Group) -> int:
    return BillEntry.objects.get(contract=group.contract).spent


def bought(group: Group) -> list[int]:
    """Return the charges in place that belong to an activation."""
    activations = Activation.objects.filter(contract=group.contract)
    return sorted(activations.values_list("charge__amount_lek", flat=True))


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def test_r21_the_same_key_a_hundred_times_is_one_answer_charged_once(
    leader: LeaderAssignment,
) -> None:
    answers: list[str] = []

    def five_times() -> None:
        for _ in range(5):
            answers.append(buying(leader, key="the one")().reference)

    assert race(*[five_times] * 20) == {DONE: 20}
    assert (len(answers), len(set(answers))) == (100, 1)
    assert (spent(leader.group), bought(leader.group)) == (500, [500])


class TestTheSamePackageTwiceAtOnce:
    """R25: two calls for the same member and package, neither of which confirmed the repetition."""

    def test_r25_one_is_accepted_and_the_other_is_asked(self, leader: LeaderAssignment) -> None:
        with meeting_before("klikon.activation.snapshot.read"):
            outcome = race(buying(leader), buying(leader))
        assert outcome == {DONE: 1, "repeat_not_confirmed": 1}
        assert spent(leader.group) == 500

    def test_control_without_the_lock_he_is_charged_twice(self, leader: LeaderAssignment) -> None:
        unlocked = snapshot._LOCK.replace("NOT %(repeat_confirmed)s", "false")
        with (
            mock.patch.object(snapshot, "_LOCK", unlocked),
            meeting_before("klikon.activation.snapshot.read"),
            meeting_before(ACCEPTING),
        ):
            assert race(buying(leader), buying(leader)) == {DONE: 2}
        assert spent(leader.group) == 1000

    def test_r25_another_package_does_not_wait(self, leader: LeaderAssignment) -> None:
        with interrupted_by(buying(leader, "S1000"), at=ACCEPTING) as other:
            assert race(buying(leader, "S700")) == {DONE: 1}
        assert other.result() == {DONE: 1}
        in_order = leader.group.contract.charges.order_by("pk").values_list("amount_lek", flat=True)
        assert list(in_order) == [800, 500]


class TestAMembersLimitAtItsEdge:
    """R27: 500 and 800 each fit into 1.000; the two together do not."""

    @pytest.fixture
    def limited(self, leader: LeaderAssignment) -> LeaderAssignment:
        OwnLimitFactory(group=leader.group, member=leader.member, limit_lek=1000)
        return leader

    def both_at_once(self, limited: LeaderAssignment) -> dict[str, int]:
        with meeting_before(ACCEPTING):
            return race(buying(limited, "S700"), buying(limited, "S1000"))

    def test_r27_of_two_packages_one_is_accepted_and_leaves_no_trace_of_the_other(
        self, limited: LeaderAssignment
    ) -> None:
        assert self.both_at_once(limited) == {DONE: 1, "over_the_members_limit": 1}
        assert bought(limited.group) in ([500], [800])
        assert [spent(limited.group)] == bought(limited.group)

    def test_control_without_counting_under_the_entry_he_would_spend_more(
        self, limited: LeaderAssignment
    ) -> None:
        with mock.patch("klikon.activation.snapshot.member_spent", return_value=0):
            assert self.both_at_once(limited) == {DONE: 2}
        assert bought(limited.group) == [500, 800]


class TestTheGroupClosesMeanwhile:
    def open_when_accepted(self, leader: LeaderAssignment) -> bool:
        closing = partial(membership.close_group, group=leader.group, at=NOW)
        still_open = Group.objects.open().filter(pk=leader.group_id).exists
        with (
            seeing(still_open, at=ACCEPTING) as seen,
            interrupted_by(closing, at=ACCEPTING) as closed,
        ):
            assert race(buying(leader)) == {DONE: 1}
        assert closed.result() == {DONE: 1}
        assert not still_open()
        return bool(seen[0])

    def test_r1_closing_waits_until_the_activation_is_over(self, leader: LeaderAssignment) -> None:
        assert self.open_when_accepted(leader) is True

    def test_control_without_the_lock_a_closed_group_would_be_served(
        self, leader: LeaderAssignment
    ) -> None:
        # The close writes the row itself, so only the activation's own lock can hold it back.
        unlocked = snapshot._LOCK.replace("FOR SHARE OF g", "")
        with mock.patch.object(snapshot, "_LOCK", unlocked):
            assert self.open_when_accepted(leader) is False

    def test_r1_who_comes_while_it_closes_waits_and_is_refused(
        self, leader: LeaderAssignment
    ) -> None:
        with interrupted_by(buying(leader), at="superfamilja.audit.acts.record") as outcome:
            assert race(partial(membership.close_group, group=leader.group, at=NOW)) == {DONE: 1}
        assert outcome.result() == {"not_the_leader": 1}


class TestNewTermsBindMeanwhile:
    """R18, R19: terms with a cap of 5.000 bind the group while 800 of 6.500 are asked for."""

    @pytest.fixture
    def lower_cap(self) -> TermsVersion:
        first = TermsVersion.objects.values().get(number=1)
        number = TermsVersion.objects.count() + 1
        return TermsVersion.objects.create(
            **{**first, "id": None, "number": number, "cap_lek": 5000, "published_at": NOW}
        )

    @staticmethod
    def bind(group: Group, lower_cap: TermsVersion, *, locked: bool) -> None:
        with transaction.atomic():
            if locked:
                membership.lock_group(group.pk)
            TermsBinding.objects.create(group=group, terms=lower_cap, binds_from=NOW)

    def cap_when_accepted(
        self, leader: LeaderAssignment, lower_cap: TermsVersion, *, locked: bool
    ) -> int:
        binding = partial(self.bind, leader.group, lower_cap, locked=locked)
        cap = lambda: terms.in_force(leader.group, NOW).cap_lek  # noqa: E731
        with (
            seeing(cap, at=ACCEPTING) as seen,
            interrupted_by(binding, at=ACCEPTING) as bound,
        ):
            assert race(buying(leader)) == {DONE: 1}
        assert bound.result() == {DONE: 1}
        assert Activation.objects.get(group=leader.group).charge.limit_then == 6500
        return int(seen[0])

    def test_r19_binding_waits_for_what_was_accepted_under_the_old_ones(
        self, leader: LeaderAssignment, lower_cap: TermsVersion
    ) -> None:
        assert self.cap_when_accepted(leader, lower_cap, locked=True) == 6500

    def test_control_without_the_lock_it_is_charged_under_terms_that_bind_no_more(
        self, leader: LeaderAssignment, lower_cap: TermsVersion
    ) -> None:
        assert self.cap_when_accepted(leader, lower_cap, locked=False) == 5000


class TestAnActivationComesWhileItsMonthCloses:
    """R13: an activation that comes too late is accepted in the present month."""

    def months_charged(self, leader: LeaderAssignment, month: date) -> list[date]:
        clerk, _ = User.objects.get_or_create(username="clerk")
        late = buying(leader, at=at(f"{month} 10:00"))
        # Held charges are carried and entries checked; only the month's own row is missing.
        with interrupted_by(late, at="billing.month.figures.live") as outcome:
            assert race(partial(close_month, month=month, at=NOW, actor=clerk)) == {DONE: 1}
        assert outcome.result() == {DONE: 1}
        return list(leader.group.contract.charges.values_list("month", flat=True))

    def test_r13_it_waits_and_is_accepted_anew(self, leader: LeaderAssignment) -> None:
        charged = self.months_charged(leader, date(2021, 3, 1))
        assert len(charged) == 1
        assert charged != [date(2021, 3, 1)]

    def test_control_without_the_lock_it_would_land_in_a_month_that_closes(
        self, leader: LeaderAssignment
    ) -> None:
        with mock.patch("billing.charges.lock_month_exclusively"):
            charged = self.months_charged(leader, date(2021, 4, 1))
        assert charged == [date(2021, 4, 1)]
