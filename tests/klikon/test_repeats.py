"""R25: the same package for the same member within 24 hours needs a confirmation."""

from datetime import datetime
from itertools import count
from typing import Any

import pytest

from billing.models import BillEntry
from billing.outcomes import reverse, settle
from groups import membership
from groups.models import TermsBinding, TermsVersion
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.request import Request
from klikon.models import Activation, Channel, LeaderAssignment
from tests.factories import assign, at, family, family_with_leader

pytestmark = pytest.mark.django_db

FIRST = at("2026-11-05 14:05")
_keys = count()


@pytest.fixture
def leader() -> LeaderAssignment:
    """Make a Mobile Leader who took a Super 700 for themselves on 5 November at 14:05."""
    leader = family_with_leader()[1]
    ask(leader, FIRST)
    return leader


def ask(by: LeaderAssignment, moment: datetime, **other: Any) -> Activation:
    request: dict[str, Any] = {
        "leader": by.member.msisdn,
        "member": by.member.msisdn,
        "package": "S700",
        "at": moment,
        "channel": Channel.IVR,
        "client": "test",
        "key": str(next(_keys)),
    }
    return activate(**{**request, **other})


def asked_again(by: LeaderAssignment, moment: datetime, **other: Any) -> bool:
    try:
        ask(by, moment, **other)
    except refusals.RepeatNotConfirmed:
        return True
    return False


@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        (at("2026-11-05 14:05"), True),
        (at("2026-11-06 14:04:59"), True),
        (at("2026-11-06 14:05"), False),
        (at("2026-11-06 14:05:01"), False),
    ],
)
def test_r25_within_24_hours_and_not_a_second_longer(
    leader: LeaderAssignment, moment: datetime, asked: bool
) -> None:
    assert asked_again(leader, moment) is asked


@pytest.mark.parametrize(
    ("moment", "asked"),
    [(at("2026-10-25 13:04:59"), True), (at("2026-10-25 13:05"), False)],
)
def test_r25_24_hours_are_hours_when_the_clock_is_put_back(moment: datetime, asked: bool) -> None:
    leader = family_with_leader()[1]
    ask(leader, at("2026-10-24 14:05"))  # the night between has 25 hours
    assert asked_again(leader, moment) is asked


def test_r25_it_says_since_when_and_until_when(leader: LeaderAssignment) -> None:
    with pytest.raises(refusals.RepeatNotConfirmed) as refused:
        ask(leader, at("2026-11-05 14:08"))
    assert refused.value.details == {
        "member": leader.member.name,
        "package": "Super 700",
        "since": "2026-11-05T14:05+01:00",
        "until": "2026-12-03",
    }


def test_r25_the_newest_one_counts(leader: LeaderAssignment) -> None:
    ask(leader, at("2026-11-06 10:00"), repeat_confirmed=True)
    assert asked_again(leader, at("2026-11-07 09:00"))


def test_r25_asking_charges_nothing(leader: LeaderAssignment) -> None:
    assert asked_again(leader, at("2026-11-05 14:08"))
    assert BillEntry.objects.get().spent == 500


def test_r25_a_yes_without_a_question_is_no_harm() -> None:
    leader = family_with_leader()[1]
    assert ask(leader, FIRST, repeat_confirmed=True).repeat_confirmed is True


def test_r25_a_reversed_one_he_never_had(leader: LeaderAssignment) -> None:
    reverse(reference=Activation.objects.get().reference, at=FIRST, reason="not delivered")
    assert not asked_again(leader, at("2026-11-05 14:08"))


def test_r25_one_that_was_delivered_counts_like_one_on_its_way(leader: LeaderAssignment) -> None:
    settle(reference=Activation.objects.get().reference, at=FIRST)
    assert asked_again(leader, at("2026-11-05 14:08"))


def test_r25_another_member_is_not_asked(leader: LeaderAssignment) -> None:
    other = leader.group.memberships.get(seat=2)
    assert not asked_again(leader, at("2026-11-05 14:08"), member=other.msisdn)


def test_r25_another_package_is_not_asked(leader: LeaderAssignment) -> None:
    assert not asked_again(leader, at("2026-11-05 14:08"), package="S1000")


def test_r25_the_number_counts_in_whatever_group_he_is(leader: LeaderAssignment) -> None:
    elira = leader.member.msisdn
    membership.remove_member(membership=leader.member, at=FIRST)
    another = assign(family(1).memberships.get(seat=1))
    membership.add_member(
        group=another.group, msisdn=elira, name="Elira", plan="standard_prepaid", at=FIRST
    )
    assert asked_again(another, at("2026-11-05 14:30"), member=elira)


@pytest.mark.parametrize(
    ("moment", "asked"),
    [(at("2026-11-05 16:04:59"), True), (at("2026-11-05 16:05"), False)],
)
def test_r19_r25_the_hours_are_those_of_the_terms(
    leader: LeaderAssignment, moment: datetime, asked: bool
) -> None:
    first = TermsVersion.objects.values().get(number=1)
    two_hours = TermsVersion.objects.create(
        **{**first, "id": None, "number": 2, "published_at": FIRST, "repeat_hours": 2}
    )
    TermsBinding.objects.create(group=leader.group, terms=two_hours, binds_from=FIRST)
    assert asked_again(leader, moment) is asked


def test_r21_r25_the_yes_is_a_new_request_with_a_key_of_its_own(leader: LeaderAssignment) -> None:
    assert asked_again(leader, at("2026-11-05 14:08"), key="call 2")
    with pytest.raises(refusals.KeyUsedForSomethingElse):
        ask(leader, at("2026-11-05 14:09"), key="call 2", repeat_confirmed=True)
    assert (
        ask(leader, at("2026-11-05 14:09"), key="the yes", repeat_confirmed=True).room_left == 5500
    )


@pytest.mark.parametrize(
    ("confirmed", "stored"),
    [
        (False, "e03ffd92e8ed623ad7822f1014a6a339ad725ab2fcb0ee459ea47e43ab3d5e9b"),
        (True, "359950d50eb39d02aa52676e09b4e884300a5c83e694c51d00033a56c1e99838"),
    ],
)
def test_r21_r25_a_key_is_known_again_by_the_release_after(confirmed: bool, stored: str) -> None:
    """The hash is stored with the answer; in another form no repeated request would be known."""
    request = Request(
        "+355670000001",
        "+355670000002",
        "S700",
        FIRST,
        repeat_confirmed=confirmed,
        channel=Channel.IVR,
    )
    assert request.content_hash == stored
