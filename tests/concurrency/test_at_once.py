"""The demonstration's button: two activations at the same instant, room for one (E11)."""

import pytest
from django.utils import timezone

from billing import charges
from klikon.activation.activate import activate
from klikon.demonstration.world import at_once, plan
from klikon.models import Channel
from klikon.reading.overview import overview
from superfamilja.values.months import month_of
from tests.factories import family_with_leader

pytestmark = pytest.mark.django_db(transaction=True)


def test_exactly_one_is_accepted_and_the_other_is_told_why() -> None:
    group, leader = family_with_leader()
    now = timezone.now()
    for seat, package in (*plan.OF_DELLINJA, (3, "S1200")):
        activate(
            leader=leader.member.msisdn,
            member=group.memberships.get(seat=seat).msisdn,
            package=package,
            at=now,
            channel=Channel.IVR,
            client="at once",
            key=f"{group.pk}-{seat}-{package}",
        )
    seen = overview(group.contract, now)
    at_once.fire(seen, timezone.now())
    accepted, refused = at_once.last(seen)
    assert accepted.activation is not None
    assert "200 Lekë" in refused.refused
    assert charges.spent(group.contract_id, month_of(now)) == 6300


def test_without_a_leader_nobody_is_asked() -> None:
    group, _ = family_with_leader(members=2)
    seen = overview(group.contract, timezone.now())
    at_once.fire(seen, timezone.now())
    assert at_once.last(seen) == []
