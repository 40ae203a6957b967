"""R23: warnings near the cap, and cases without any."""

from itertools import count

import pytest
from django.db import transaction

from billing.models import Charge
from groups.models import Contract, ContractStatus, TermsBinding, TermsVersion
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.models import Activation, Channel, LeaderAssignment
from superfamilja.messages.models import OutgoingMessage
from tests.factories import OwnLimitFactory, PackageFactory, at, family_with_leader

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
_keys = count()


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def buy(leader: LeaderAssignment, *packages: str) -> Activation:
    """Let the leader buy these for themselves; return the last activation."""
    for package in packages:
        activation = activate(
            leader=leader.member.msisdn,
            member=leader.member.msisdn,
            package=package,
            at=NOW,
            channel=Channel.IVR,
            client="test",
            key=str(next(_keys)),
            repeat_confirmed=True,
        )
    return activation


def warned() -> list[int]:
    """Return the percentages that the leader was told, in order."""
    warnings = OutgoingMessage.objects.filter(template="cap_warning").order_by("pk")
    leader = Activation.objects.latest("pk").leader.msisdn
    return [w.parameters["percent"] for w in warnings if w.recipient == leader]


def test_r23_at_50_90_and_100_percent_once_each(leader: LeaderAssignment) -> None:
    buy(leader, *["S700"] * 13)  # 500 each: 50 % at the seventh, 90 % at the twelfth
    assert warned() == [50, 90, 100]


@pytest.mark.parametrize(
    ("list_price", "told"),
    [(6000, [50]), (6200, [90]), (6700, [100])],  # 5.800, 6.000 and 6.500 of 6.500
)
def test_r23_of_those_passed_at_once_the_highest(
    leader: LeaderAssignment, list_price: int, told: list[int]
) -> None:
    PackageFactory(code="BIG", list_price_lek=list_price)
    buy(leader, "BIG")
    assert warned() == told


@pytest.mark.parametrize(
    ("before", "last", "told"),
    [
        (["S1900", "S1500"], "S449", []),  # 3.249 of 6.500
        (["S1900", "S1500"], "S450", [50]),  # 3.250 is half of it
        (["S1900", "S1500", "S449"], "S700", [50]),  # from one Lek below it
    ],
)
def test_r23_half_is_reached_at_the_lek(
    leader: LeaderAssignment, before: list[str], last: str, told: list[int]
) -> None:
    first = TermsVersion.objects.values().get(number=1)
    from_400 = TermsVersion.objects.create(
        **{**first, "id": None, "number": 2, "published_at": NOW, "smallest_list_price_lek": 400}
    )
    TermsBinding.objects.create(group=leader.group, terms=from_400, binds_from=NOW)
    for price in (449, 450, 1900):
        PackageFactory(code=f"S{price}", list_price_lek=price)
    buy(leader, *before)  # 1.700 + 1.300 (+ 249)
    buy(leader, last)
    assert warned() == told


def test_r9_r23_the_cap_is_meant_and_not_the_payers_own_limit(leader: LeaderAssignment) -> None:
    OwnLimitFactory(group=leader.group, limit_lek=1000)
    buy(leader, "S700", "S700")  # all of the member's own limit
    assert warned() == []


def test_r23_payer_and_leader_are_warned_once_if_they_are_one(leader: LeaderAssignment) -> None:
    contract = Contract.objects.filter(pk=leader.group.contract_id)
    contract.update(contact_msisdn=leader.member.msisdn)
    buy(leader, *["S700"] * 7)
    assert OutgoingMessage.objects.filter(template="cap_warning").count() == 1


def test_r23_nobody_is_told_of_a_refusal(leader: LeaderAssignment) -> None:
    contract = Contract.objects.filter(pk=leader.group.contract_id)
    contract.update(status=ContractStatus.SUSPENDED)
    with pytest.raises(refusals.ContractSuspended):
        buy(leader, "S700")
    contract.update(status=ContractStatus.ACTIVE)
    buy(leader, *["S700"] * 13)
    before = OutgoingMessage.objects.count()
    with pytest.raises(refusals.OverTheCap):
        buy(leader, "S700")
    assert OutgoingMessage.objects.count() == before


def test_r23_nobody_is_told_again_by_a_repeated_request(leader: LeaderAssignment) -> None:
    for _ in range(2):
        activate(
            leader=leader.member.msisdn,
            member=leader.member.msisdn,
            package="S700",
            at=NOW,
            channel=Channel.IVR,
            client="test",
            key="the same",
        )
    receipts = OutgoingMessage.objects.filter(template="activation_receipt")
    assert receipts.count() == 2  # the leader and the payer


def test_r23_what_is_rolled_back_is_told_to_nobody(leader: LeaderAssignment) -> None:
    before = OutgoingMessage.objects.count()
    with transaction.atomic():
        buy(leader, "S700")
        transaction.set_rollback(True)
    assert (OutgoingMessage.objects.count(), Charge.objects.count()) == (before, 0)
