"""R8: no other promotion applies; which are set aside, and what they would have cost."""

from datetime import date
from typing import Any

import pytest

from klikon.activation.activate import activate
from klikon.activation.quote import quote
from klikon.catalogue.prices import PromotionTerms, price_elsewhere, set_aside
from klikon.models import Activation, Channel, LeaderAssignment
from tests.factories import PromotionFactory, at, family_with_leader

NOW = at("2026-11-05 14:05")


def promotion(kind: str, value: int, package_code: str = "*") -> PromotionTerms:
    return {"package_code": package_code, "kind": kind, "value": value, "valid_to": "2026-12-31"}


@pytest.mark.parametrize(
    ("list_price", "kind", "value", "elsewhere"),
    [
        (1000, "percent", 30, 700),  # E7
        (750, "percent", 5, 713),  # 712.5
        (750, "percent", 1, 743),  # 742.5
        (710, "percent", 45, 391),  # 390.5
        (990, "percent", 33, 663),  # 663.3
        (990, "percent", 36, 634),  # 633.6
        (700, "percent", 100, 0),
        (1000, "amount", 150, 850),
        (700, "amount", 700, 0),
        (700, "amount", 900, 0),
    ],
)
def test_r8_percentages_are_rounded_half_up_to_the_lek(
    list_price: int, kind: str, value: int, elsewhere: int
) -> None:
    assert price_elsewhere(list_price, [promotion(kind, value)]) == elsewhere


def test_r8_the_best_single_one_counts_and_they_never_add_up() -> None:
    offers = [promotion("percent", 10), promotion("amount", 150), promotion("percent", 12)]
    assert price_elsewhere(1000, offers) == 850


def test_r8_without_a_promotion_there_is_no_price_elsewhere() -> None:
    assert price_elsewhere(1000, []) is None


def test_r8_a_promotion_is_for_its_package_or_for_all() -> None:
    for_all, for_it, for_another = (
        promotion("percent", 1),
        promotion("percent", 2, "S700"),
        promotion("percent", 3, "S1000"),
    )
    assert set_aside([for_all, for_it, for_another], "S700") == [for_all, for_it]


@pytest.fixture
def leader(db: None) -> LeaderAssignment:
    return family_with_leader()[1]


def buy(leader: LeaderAssignment, package: str = "S1000") -> Activation:
    return activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package=package,
        at=NOW,
        channel=Channel.IVR,
        client="test",
        key="1",
    )


def elsewhere(leader: LeaderAssignment, package: str = "S1000") -> int | None:
    row = quote(
        group=leader.group,
        leader=leader.member.msisdn,
        member=leader.member,
        at=NOW,
        channel=Channel.IVR,
    ).row(package)
    assert row is not None
    return row.elsewhere_lek


def of(leader: LeaderAssignment, **what: Any) -> None:
    PromotionFactory(msisdn=leader.member.msisdn, **what)


def test_r8_it_changes_neither_price_nor_room(leader: LeaderAssignment) -> None:
    of(leader, kind="percent", value=50)
    activation = buy(leader)
    assert (activation.charged_lek, activation.spent_after, activation.room_left) == (
        800,
        800,
        5700,
    )


def test_r8_all_that_would_have_applied_are_recorded(leader: LeaderAssignment) -> None:
    of(leader, kind="percent", value=30, package_code="S1000", valid_to=date(2026, 11, 30))
    of(leader, kind="amount", value=10, valid_to=date(2026, 12, 31))
    of(leader, kind="percent", value=90, package_code="S700")
    assert buy(leader).promotions_set_aside == [
        {"package_code": "S1000", "kind": "percent", "value": 30, "valid_to": "2026-11-30"},
        {"package_code": "*", "kind": "amount", "value": 10, "valid_to": "2026-12-31"},
    ]


def test_r8_what_comes_later_changes_nothing_of_what_was_recorded(
    leader: LeaderAssignment,
) -> None:
    reference = buy(leader).reference
    of(leader, kind="percent", value=30)
    assert Activation.objects.get(reference=reference).promotions_set_aside == []


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "elsewhere_lek"),
    [
        (date(2026, 11, 5), date(2026, 11, 5), 700),  # its only day
        (date(2026, 1, 1), date(2026, 11, 4), None),  # ended yesterday
        (date(2026, 11, 6), date(2026, 12, 1), None),  # begins tomorrow
    ],
)
def test_r8_it_counts_from_its_first_to_its_last_day(
    leader: LeaderAssignment, valid_from: date, valid_to: date, elsewhere_lek: int | None
) -> None:
    of(leader, kind="percent", value=30, valid_from=valid_from, valid_to=valid_to)
    assert elsewhere(leader) == elsewhere_lek
    assert len(buy(leader).promotions_set_aside) == (1 if elsewhere_lek else 0)


@pytest.mark.parametrize(
    ("value", "elsewhere_lek"),
    [(19, None), (20, None), (21, 790)],  # Klik-ON gives it for 800
)
def test_r8_only_what_is_cheaper_elsewhere_is_told(
    leader: LeaderAssignment, value: int, elsewhere_lek: int | None
) -> None:
    of(leader, kind="percent", value=value)
    assert elsewhere(leader) == elsewhere_lek


def test_r8_another_members_promotion_is_not_his(leader: LeaderAssignment) -> None:
    other = leader.group.memberships.get(seat=2)
    PromotionFactory(msisdn=other.msisdn, kind="percent", value=30)
    assert elsewhere(leader) is None
    assert buy(leader).promotions_set_aside == []
