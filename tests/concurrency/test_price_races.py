"""Replace a wrong price while somebody buys at it (R5): either they have it, or nobody does."""

from datetime import date
from functools import partial
from itertools import count
from unittest import mock

import pytest
from django.db import IntegrityError

from klikon.activation.activate import activate
from klikon.catalogue.price_correction import correct_price
from klikon.models import Activation, Channel, LeaderAssignment, Package
from tests.concurrency.racing import DONE, interrupted_by
from tests.factories import PackageFactory, at, family_with_leader

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2027-03-01 14:05")
ACCEPTING = "billing.charges.post_charge"  # at this point the price was read; only writing follows
_numbers = count(1)


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def on_sale_that_day(number: int) -> Package:
    return PackageFactory(
        code=f"SRACE{number}",
        name="Super 710",
        list_price_lek=710,
        on_sale_from=date(2027, 3, 1),
        on_sale_until=date(2027, 3, 2),
    )


def buy(leader: LeaderAssignment, package: Package) -> Activation:
    number = leader.member.msisdn
    return activate(
        leader=number,
        member=number,
        package=package.code,
        at=NOW,
        channel=Channel.IVR,
        client=f"price-race-{leader.pk}",
        key="1",
    )


def correcting(package: Package) -> partial[Package]:
    return partial(
        correct_price, package=package, list_price_lek=810, at=NOW, actor=None, reason="a slip"
    )


def test_who_has_begun_to_buy_has_the_price_and_it_stays(leader: LeaderAssignment) -> None:
    package = on_sale_that_day(next(_numbers))
    with interrupted_by(correcting(package), at=ACCEPTING) as correction:
        assert buy(leader, package).list_price_lek == 710
    assert correction.result(timeout=30) == {"price_was_bought": 1}
    package.refresh_from_db()
    assert package.list_price_lek == 710


def test_control_without_the_lock_only_the_database_stops_it(leader: LeaderAssignment) -> None:
    package = on_sale_that_day(next(_numbers))
    with (
        mock.patch("klikon.catalogue.price_correction.keep_buyers_out"),
        interrupted_by(correcting(package), at=ACCEPTING) as correction,
        pytest.raises(IntegrityError, match="its price was replaced meanwhile"),
    ):
        buy(leader, package)
    assert correction.result(timeout=30) == {DONE: 1}
    assert not Activation.objects.filter(package=package).exists()
