"""The worked examples of docs/rules.md, with its literals. Finance can read this file."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from billing.credits import give_credit
from billing.models import BillEntry, Charge, Reversal
from billing.outcomes import reverse, settle
from groups import membership
from groups.models import Group, Membership
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.quote import quote
from klikon.models import Activation, Channel
from superfamilja.accounts.models import User
from tests.factories import (
    OwnLimitFactory,
    PackageFactory,
    PromotionFactory,
    assign,
    at,
    family,
    family_with_leader,
)

pytestmark = pytest.mark.django_db

Buy = Callable[..., Activation]


@pytest.fixture
def buy() -> Buy:
    """Return a Mobile Leader who buys for themselves, by default on 5 November 2026."""
    _group, assignment = family_with_leader()
    leader = assignment.member.msisdn
    keys = iter(range(1000))

    def _buy(package: str, moment: datetime | None = None) -> Activation:
        return activate(
            leader=leader,
            member=leader,
            package=package,
            at=moment or at("2026-11-05 14:05"),
            channel=Channel.IVR,
            client="test",
            key=str(next(keys)),
            repeat_confirmed=True,
        )

    return _buy


def spend(buy: Buy, *packages: str) -> None:
    for package in packages:
        buy(package)


def test_e1_super_700_with_nothing_spent(buy: Buy) -> None:
    activation = buy("S700")
    assert (activation.charged_lek, activation.spent_after, activation.room_left) == (
        500,
        500,
        6000,
    )


def test_e2_thirteen_super_700_fill_the_month_exactly(buy: Buy) -> None:
    spend(buy, *["S700"] * 13)
    entry = BillEntry.objects.get()
    assert (entry.spent, entry.total_lek, str(entry.vat_lek)) == (6500, 6500, "1083.33")
    assert Charge.objects.count() == 13
    assert Activation.objects.latest("pk").room_left == 0


def test_e3_the_fourteenth_is_refused_and_stores_nothing_but_the_refusal(buy: Buy) -> None:
    spend(buy, *["S700"] * 13)
    with pytest.raises(refusals.OverTheCap) as refused:
        buy("S700")
    assert refused.value.details["room_lek"] == 0
    assert (Charge.objects.count(), Activation.objects.count()) == (13, 13)


def test_e4_the_cap_may_be_reached_exactly(buy: Buy) -> None:
    spend(buy, "S2000", "S2000", "S1500", "S1000")  # 1800 + 1800 + 1300 + 800 = 5700
    assert buy("S1000").spent_after == 6500


def test_e5_over_the_cap_says_what_still_fits(buy: Buy) -> None:
    spend(buy, "S2000", "S1200", "S1200", "S1200", "S1200")  # 1800 + 4 × 1000 = 5800
    with pytest.raises(refusals.OverTheCap) as refused:
        buy("S1000")
    assert refused.value.still_fits == [{"code": "S700", "name": "Super 700", "charged_lek": 500}]
    assert refused.value.text("en") == (
        "This needs 800 Lekë, but only 700 Lekë of 6.500 Lekë are left this month. "
        "Still possible: Super 700 (500 Lekë)."
    )


def test_e6_super_400_is_not_a_klik_on_package(buy: Buy) -> None:
    with pytest.raises(refusals.NotAKlikOnPackage):
        buy("S400")


def test_e7_a_cheaper_promotion_elsewhere_is_told_and_set_aside() -> None:
    group, assignment = family_with_leader()
    elira = assignment.member
    PromotionFactory(msisdn=elira.msisdn, package_code="S1000", kind="percent", value=30)
    asked = {"leader": elira.msisdn, "at": at("2026-11-05 14:05"), "channel": Channel.IVR}
    row = quote(group=group, member=elira, **asked).row("S1000")
    assert row is not None
    assert (row.price.charged_lek, row.elsewhere_lek) == (800, 700)
    activation = activate(member=elira.msisdn, package="S1000", client="test", key="e7", **asked)
    assert activation.charged_lek == 800
    assert activation.promotions_set_aside == [
        {"package_code": "S1000", "kind": "percent", "value": 30, "valid_to": "2030-12-31"}
    ]


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (at("2026-11-30 23:59:59.900000"), date(2026, 11, 1)),
        (at("2026-12-01 00:30"), date(2026, 12, 1)),
    ],
)
def test_e8_the_month_is_that_of_acceptance_in_tirana(
    buy: Buy, moment: datetime, month: date
) -> None:
    activation = buy("S700", moment)
    assert (activation.month, activation.charge.month) == (month, month)


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-03-31T22:30+00:00", date(2026, 4, 1)),
        ("2026-10-31T22:30+00:00", date(2026, 10, 1)),
        ("2026-10-31T23:30+00:00", date(2026, 11, 1)),
        ("2026-10-25T00:30+00:00", date(2026, 10, 1)),
        ("2026-10-25T01:30+00:00", date(2026, 10, 1)),
    ],
)
def test_e9_summer_time_decides_the_month(buy: Buy, moment: str, month: date) -> None:
    assert buy("S700", datetime.fromisoformat(moment)).month == month


def test_e9_half_past_two_happens_twice_and_is_charged_twice(buy: Buy) -> None:
    buy("S700", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    buy("S700", datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert BillEntry.objects.get(month=date(2026, 10, 1)).spent == 1000


def test_e10_a_failed_activation_gives_its_room_back(buy: Buy) -> None:
    spend(buy, *["S700"] * 11)  # 5500
    activation = buy("S700")
    assert activation.spent_after == 6000
    reverse(reference=activation.reference, at=at("2026-11-05 14:06"), reason="charging failed")
    entry = BillEntry.objects.get()
    assert (entry.spent, entry.total_lek) == (5500, 5500)
    assert Activation.objects.get(reference=activation.reference).charge.state == "reversed"
    assert Reversal.objects.get().charge.reference == activation.reference


def test_e14_earlier_charges_stay_with_the_contract_that_the_member_left(buy: Buy) -> None:
    buy("S700")
    moving = Membership.objects.get(seat=1)
    membership.remove_member(membership=moving, at=at("2026-11-15 10:00"))
    other = family(members=1)
    moved = membership.add_member(
        group=other,
        msisdn=moving.msisdn,
        name=moving.name,
        plan=moving.plan,
        at=at("2026-11-15 10:05"),
    )
    assign(moved)
    assert buy("S1000", at("2026-11-15 11:00")).spent_after == 800
    assert BillEntry.objects.get(contract=moving.group.contract).spent == 500


def test_e15_a_goodwill_credit_lowers_the_bill_and_gives_no_room_back(buy: Buy) -> None:
    spend(buy, *["S700"] * 13)
    charge = settle(reference=Charge.objects.latest("pk").reference, at=at("2026-11-05 15:00"))
    give_credit(
        charge=charge,
        amount_lek=500,
        key="k",
        at=at("2026-11-06 09:00"),
        actor=User.objects.create(username="agent"),
        reason="slow line",
    )
    entry = BillEntry.objects.get()
    assert (entry.total_lek, str(entry.vat_lek), entry.spent) == (6000, "1000.00", 6500)
    with pytest.raises(refusals.OverTheCap) as refused:
        buy("S700")
    assert refused.value.room_lek == 0


def test_e16_a_second_call_after_a_dropped_line_is_charged_only_after_a_second_yes() -> None:
    _group, assignment = family_with_leader()
    leader = assignment.member.msisdn
    call = {"leader": leader, "member": leader, "package": "S700", "channel": Channel.IVR}
    activate(at=at("2026-11-05 14:05"), client="ivr", key="call-1-1", **call)
    with pytest.raises(refusals.RepeatNotConfirmed) as asked:
        activate(at=at("2026-11-05 14:08"), client="ivr", key="call-2-1", **call)
    assert asked.value.text("en").startswith(
        "Super 700 is active already, since 05.11.2026 14:05 until 03.12.2026"
    )
    assert BillEntry.objects.get().spent == 500
    yes = at("2026-11-05 14:09")
    activate(at=yes, client="ivr", key="call-2-2", repeat_confirmed=True, **call)
    assert BillEntry.objects.get().spent == 1000


def test_e18_the_payers_own_limit_is_named_and_not_the_cap(buy: Buy) -> None:
    PackageFactory(code="S1900", list_price_lek=1900)
    spend(buy, "S1900")  # 1700
    OwnLimitFactory(group=Group.objects.get(), limit_lek=2000)
    with pytest.raises(refusals.OverTheGroupsLimit) as refused:
        buy("S700")
    assert refused.value.still_fits == []
    assert refused.value.text("en") == (
        "This needs 500 Lekë, but of the limit that the Fixed Leader set for the group, 2.000 Lekë "
        "a month, only 300 Lekë are left. Nothing more fits until next month."
    )
