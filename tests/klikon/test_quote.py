"""A quote tells a leader package by package what an activation will do; the activation does it."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import count

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.outcomes import reverse
from groups import membership
from groups.models import Contract, ContractStatus, TermsBinding, TermsVersion
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.quote import Quote, Row, quote
from klikon.activation.waiting import Answer, WaitingForTheFixedLeader
from klikon.leader import freezes, leadership
from klikon.models import Activation, Channel, LeaderAssignment
from klikon.payer import asking, limits
from tests.factories import PackageFactory, PromotionFactory, at, family_with_leader

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
_keys = count()


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def ask(leader: LeaderAssignment, moment: datetime = NOW, channel: Channel = Channel.IVR) -> Quote:
    return quote(
        group=leader.group,
        leader=leader.member.msisdn,
        member=leader.member,
        at=moment,
        channel=channel,
    )


def row(leader: LeaderAssignment, package: str, moment: datetime = NOW) -> Row:
    found = ask(leader, moment).row(package)
    assert found is not None
    return found


def buy(leader: LeaderAssignment, *packages: str, confirmed: bool = True) -> Activation:
    for package in packages:
        activation = activate(
            leader=leader.member.msisdn,
            member=leader.member.msisdn,
            package=package,
            at=NOW,
            channel=Channel.IVR,
            client="test",
            key=str(next(_keys)),
            repeat_confirmed=confirmed,
        )
    return activation


def codes(quoted: Quote) -> dict[str, str | None]:
    """Return package → the code of its refusal; None when it fits."""
    return {r.package.code: r.refusal.code if r.refusal else None for r in quoted.rows}


def test_r5_r6_every_super_package_on_sale_with_its_price_cheapest_first(
    leader: LeaderAssignment,
) -> None:
    PackageFactory(code="T900", family="tourist", list_price_lek=900)
    PackageFactory(code="S900", list_price_lek=900, on_sale_until=date(2026, 11, 5))
    PackageFactory(code="S950", list_price_lek=950, on_sale_from=date(2026, 11, 6))
    quoted = ask(leader)
    assert [(r.package.code, r.price.list_price_lek, r.price.charged_lek) for r in quoted.rows] == [
        ("S400", 400, 200),
        ("S700", 700, 500),
        ("S1000", 1000, 800),
        ("S1200", 1200, 1000),
        ("S1500", 1500, 1300),
        ("S2000", 2000, 1800),
    ]
    assert (quoted.cap_lek, quoted.spent_lek, quoted.room.left_lek) == (6500, 0, 6500)
    assert quoted.refusal is None


def test_r5_super_400_is_shown_with_the_reason(leader: LeaderAssignment) -> None:
    assert codes(ask(leader)) == {
        "S400": "not_a_klik_on_package",
        "S700": None,
        "S1000": None,
        "S1200": None,
        "S1500": None,
        "S2000": None,
    }


def test_r9_what_does_not_fit_says_so_and_what_still_does(leader: LeaderAssignment) -> None:
    buy(leader, "S2000", "S2000", "S2000")  # 5.400: 1.100 are left
    quoted = ask(leader)
    assert codes(quoted) == {
        "S400": "not_a_klik_on_package",
        "S700": None,
        "S1000": None,
        "S1200": None,
        "S1500": "over_the_cap",
        "S2000": "over_the_cap",
    }
    refusal = row(leader, "S1500").refusal
    assert isinstance(refusal, refusals.OverTheCap)
    assert [offer["code"] for offer in refusal.still_fits] == ["S700", "S1000", "S1200"]
    assert quoted.own_limit is False


def test_r9_something_fits_as_long_as_the_cheapest_does(leader: LeaderAssignment) -> None:
    buy(leader, "S2000", "S2000", "S2000", "S700")  # 5.900: 600 are left
    assert ask(leader).something_fits
    buy(leader, "S700")  # 100 are left
    assert not ask(leader).something_fits


def test_r27_the_payers_own_limit_is_named(leader: LeaderAssignment) -> None:
    limits.set_limit(group=leader.group, limit_lek=900, at=NOW)
    quoted = ask(leader)
    assert (quoted.own_limit, quoted.cap_lek, quoted.room.left_lek) == (True, 6500, 900)
    assert codes(quoted)["S1200"] == "over_the_groups_limit"


def test_r28_it_says_what_would_wait_for_the_payer(leader: LeaderAssignment) -> None:
    asked_first(leader)
    assert {r.package.code: r.waits for r in ask(leader).rows} == {
        "S400": False,
        "S700": False,
        "S1000": True,
        "S1200": True,
        "S1500": True,
        "S2000": True,
    }


def test_r25_it_asks_again_for_a_day_and_is_active_for_28(leader: LeaderAssignment) -> None:
    buy(leader, "S700")
    soon, next_day, last, after = (
        row(leader, "S700", at(moment))
        for moment in (
            "2026-11-06 14:04",
            "2026-11-06 14:05",
            "2026-12-03 14:04",
            "2026-12-03 14:05",
        )
    )
    assert soon.asks_again is not None
    assert soon.asks_again.details["until"] == "2026-12-03"
    assert (next_day.asks_again, last.asks_again, after.asks_again) == (None, None, None)
    until = date(2026, 12, 3)
    assert [r.active_until for r in (soon, next_day, last, after)] == [until, until, until, None]
    other = row(leader, "S1000")
    assert (other.asks_again, other.active_until) == (None, None)


def test_r13_a_reversed_one_is_neither_active_nor_asked_about(leader: LeaderAssignment) -> None:
    reverse(reference=buy(leader, "S700").reference, at=NOW, reason="not delivered")
    reversed_one = row(leader, "S700")
    assert (reversed_one.asks_again, reversed_one.active_until) == (None, None)


def suspended(leader: LeaderAssignment) -> None:
    contract = Contract.objects.filter(pk=leader.group.contract_id)
    contract.update(status=ContractStatus.SUSPENDED)


def frozen(leader: LeaderAssignment) -> None:
    freezes.freeze(assignment=leader, at=NOW)


def revoked(leader: LeaderAssignment) -> None:
    leadership.revoke(assignment=leader, at=NOW)


def closed(leader: LeaderAssignment) -> None:
    membership.close_group(group=leader.group, at=NOW)


def terms_without_the_call(leader: LeaderAssignment) -> None:
    first = TermsVersion.objects.values().get(number=1)
    terms = TermsVersion.objects.create(
        **{**first, "id": None, "number": 2, "published_at": NOW, "channels": ["web"]}
    )
    TermsBinding.objects.create(group=leader.group, terms=terms, binds_from=NOW)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (suspended, "contract_suspended"),
        (frozen, "leader_frozen"),
        (revoked, "not_the_leader"),
        (closed, "not_the_leader"),
        (terms_without_the_call, "channel_not_allowed"),
    ],
)
def test_what_refuses_every_package_is_said_once_and_it_is_the_activations_own(
    leader: LeaderAssignment, what: Callable[[LeaderAssignment], None], code: str
) -> None:
    what(leader)
    refusal = ask(leader).refusal
    assert refusal is not None
    assert refusal.code == code
    with pytest.raises(type(refusal)):
        buy(leader, "S700")


def test_r2_who_left_the_group_is_refused_before_a_package_is_chosen(
    leader: LeaderAssignment,
) -> None:
    gone = leader.group.memberships.get(seat=2)
    membership.remove_member(membership=gone, at=NOW)
    quoted = quote(
        group=leader.group,
        leader=leader.member.msisdn,
        member=gone,
        at=NOW,
        channel=Channel.IVR,
    )
    assert isinstance(quoted.refusal, refusals.NotInTheGroup)


def nothing(leader: LeaderAssignment) -> None:
    """Change nothing."""


def near_the_cap(leader: LeaderAssignment) -> None:
    buy(leader, "S2000", "S2000", "S1500", "S700")  # 5.400


def at_the_cap(leader: LeaderAssignment) -> None:
    buy(leader, *["S700"] * 13)


def limit_of_the_group(leader: LeaderAssignment) -> None:
    limits.set_limit(group=leader.group, limit_lek=1000, at=NOW)


def limit_of_the_member(leader: LeaderAssignment) -> None:
    buy(leader, "S700")
    limits.set_limit(group=leader.group, member=leader.member, limit_lek=1500, at=NOW)


def asked_first(leader: LeaderAssignment) -> None:
    asking.set_ask_above(group=leader.group, above_lek=600, at=NOW)


def asked_first_and_near_the_cap(leader: LeaderAssignment) -> None:
    near_the_cap(leader)
    asked_first(leader)


def promotions(leader: LeaderAssignment) -> None:
    PromotionFactory(msisdn=leader.member.msisdn, kind="percent", value=50)


@pytest.mark.parametrize(
    "situation",
    [
        nothing,
        near_the_cap,
        at_the_cap,
        limit_of_the_group,
        limit_of_the_member,
        promotions,
        asked_first,
        asked_first_and_near_the_cap,
    ],
)
@pytest.mark.parametrize("package", ["S400", "S700", "S1000", "S1200", "S1500", "S2000"])
def test_the_activation_does_what_the_quote_said(
    leader: LeaderAssignment, situation: Callable[[LeaderAssignment], None], package: str
) -> None:
    situation(leader)
    said = row(leader, package)
    for confirmed, expected in ((False, said.asks_again or said.refusal), (True, said.refusal)):
        with transaction.atomic():
            done = answer(leader, package, confirmed=confirmed)
            transaction.set_rollback(True)
        if expected is None and said.waits:
            assert isinstance(done, WaitingForTheFixedLeader)
            assert done.details["charged_lek"] == said.price.charged_lek
        elif isinstance(done, Activation):
            assert (expected, done.charged_lek) == (None, said.price.charged_lek)
        else:
            assert expected is not None
            assert (done.code, done.details) == (expected.code, expected.details)


def answer(leader: LeaderAssignment, package: str, *, confirmed: bool) -> Answer:
    try:
        return buy(leader, package, confirmed=confirmed)
    except refusals.ActivationRefused as refusal:
        return refusal


def queries(leader: LeaderAssignment) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        ask(leader)
    return len(captured)


def test_three_queries_whatever_is_on_sale_and_whatever_he_had(leader: LeaderAssignment) -> None:
    assert queries(leader) == 3
    for price in range(2100, 2130):
        PackageFactory(list_price_lek=price)
        PromotionFactory(msisdn=leader.member.msisdn, package_code=f"S{price}")
    buy(leader, "S700", "S700", "S1000")
    limits.set_limit(group=leader.group, member=leader.member, limit_lek=2000, at=NOW)
    assert queries(leader) == 3
