"""The worked examples of docs/rules.md that end on a bill, from the close to the file."""

from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from billing.bill import bill_of
from billing.credits import give_credit
from billing.models import CarriedCharge, Charge, Reversal
from billing.month.export import export_month
from billing.outcomes import reverse, settle
from groups import membership
from groups.models import Group, Membership
from klikon.activation.activate import activate
from klikon.activation.refusals import OverTheCap
from klikon.models import Activation, Channel
from tests.billing.closing import approve, close, first_minute_after, reviewer
from tests.factories import (
    ContractFactory,
    GroupFactory,
    MembershipFactory,
    assign,
    at,
    catalogue,
)

pytestmark = pytest.mark.django_db

_keys = count()


@pytest.fixture
def group() -> Group:
    """Make Drita's family; the Mobile Leader's number ends in 102."""
    catalogue()
    return family_of("FX 104233", "+355670000102")


def family_of(number: str, leader: str) -> Group:
    group: Group = GroupFactory(contract=ContractFactory(number=number))
    assign(MembershipFactory(group=group, msisdn=leader))
    return group


def held(group: Group, package: str, moment: str = "2026-11-05 14:05") -> Activation:
    """Let the leader buy for themselves; nobody knows yet whether it arrived."""
    leader = group.memberships.get(left_on=None).msisdn
    return activate(
        leader=leader,
        member=leader,
        package=package,
        at=at(moment),
        channel=Channel.IVR,
        client="month",
        key=str(next(_keys)),
        repeat_confirmed=True,
    )


def bought(group: Group, package: str, moment: str = "2026-11-05 14:05") -> Charge:
    return settle(reference=held(group, package, moment).reference, at=at(moment))


@pytest.fixture
def bill(tmp_path: Path) -> Callable[[str], list[str]]:
    """Close, approve and export a month; return the file's lines without header and references."""

    def lines(month: str) -> list[str]:
        close(month)
        approve(month)
        first = date.fromisoformat(f"{month}-01")
        exported = export_month(first, tmp_path, at=first_minute_after(first))
        cells = [line.split(",") for line in exported.paths[0].read_text().splitlines()[1:]]
        return [",".join([c[0], *c[3:]] if c[0] != "TRAILER" else c) for c in cells]

    return lines


Bill = Callable[[str], list[str]]


def test_e2_thirteen_super_700_are_one_line_of_6500_with_the_vat_once(
    group: Group, bill: Bill
) -> None:
    for _ in range(13):
        bought(group, "S700")
    assert bill("2026-11") == [
        'FX 104233,"Klik-ON 11/2026: 13 paketa, Lider Mobile ***102",13,6500,1083.33',
        "TRAILER,2026-11,1,,13,6500,1083.33",
    ]


def test_e10_a_failed_activation_is_not_on_the_bill_and_both_facts_are_in_the_history(
    group: Group, bill: Bill
) -> None:
    for _ in range(11):
        bought(group, "S700")
    failed = held(group, "S700")
    reverse(reference=failed.reference, at=at("2026-11-05 14:06"), reason="charging failed")
    assert bill("2026-11")[0] == (
        'FX 104233,"Klik-ON 11/2026: 11 paketa, Lider Mobile ***102",11,5500,916.67'
    )
    assert Charge.objects.get(reference=failed.reference).state == "reversed"
    assert Reversal.objects.get().reason == "charging failed"


def test_e13_a_group_closed_on_the_12th_still_pays_and_a_new_one_has_what_is_left(
    group: Group, bill: Bill
) -> None:
    bought(group, "S1500")  # 1,300
    membership.close_group(group=group, at=at("2026-11-12 10:00"))
    again = membership.open_group(contract=group.contract, at=at("2026-11-20 10:00"))
    joined = membership.add_member(
        group=again,
        msisdn="+355670000102",
        name="Elira",
        plan="standard_prepaid",
        at=at("2026-11-20 10:05"),
    )
    assign(joined)
    later = held(again, "S700", "2026-11-21 10:00")
    assert later.room_left == 4700  # 5,200 before it
    reverse(reference=later.reference, at=at("2026-11-21 10:01"), reason="changed her mind")
    assert bill("2026-11")[0] == (
        'FX 104233,"Klik-ON 11/2026: 1 paketë, Lider Mobile ***102",1,1300,216.67'
    )


def test_e14_what_a_member_bought_before_moving_stays_on_the_old_contracts_bill(
    group: Group, bill: Bill
) -> None:
    bought(group, "S700")
    moving: Membership = group.memberships.get()
    membership.remove_member(membership=moving, at=at("2026-11-15 10:00"))
    other = GroupFactory(contract=ContractFactory(number="FX 204000"))
    moved = membership.add_member(
        group=other,
        msisdn=moving.msisdn,
        name=moving.name,
        plan=moving.plan,
        at=at("2026-11-15 10:05"),
    )
    assign(moved)
    bought(other, "S1000", "2026-11-15 11:00")
    assert bill("2026-11") == [
        'FX 104233,"Klik-ON 11/2026: 1 paketë, Lider Mobile ***102",1,500,83.33',
        'FX 204000,"Klik-ON 11/2026: 1 paketë, Lider Mobile ***102",1,800,133.33',
        "TRAILER,2026-11,2,,2,1300,216.66",
    ]


def test_e15_a_goodwill_credit_makes_it_6000_and_the_cap_stays_reached(
    group: Group, bill: Bill
) -> None:
    charges = [bought(group, "S700") for _ in range(13)]
    give_credit(
        charge=charges[0],
        amount_lek=500,
        key="1",
        at=at("2026-11-06 09:00"),
        actor=reviewer(),
        reason="slow line",
    )
    with pytest.raises(OverTheCap) as refused:
        held(group, "S700", "2026-11-07 09:00")
    assert refused.value.room_lek == 0
    assert bill("2026-11")[0] == (
        'FX 104233,"Klik-ON 11/2026: 13 paketa, Lider Mobile ***102, korrigjime -500 Lekë"'
        ",13,6000,1000.00"
    )


def test_e17_what_settles_after_the_close_is_on_decembers_bill_labelled_november(
    group: Group, bill: Bill
) -> None:
    late = held(group, "S700", "2026-11-30 23:00")
    close("2026-11")
    for _ in range(13):
        bought(group, "S700", "2026-12-02 12:00")
    settle(reference=late.reference, at=at("2026-12-03 10:00"))
    assert bill("2026-11") == ["TRAILER,2026-11,0,,0,0,0.00"]
    assert bill("2026-12")[0] == (
        'FX 104233,"Klik-ON 12/2026: 14 paketa, Lider Mobile ***102, 500 Lekë nga 11/2026"'
        ",14,7000,1166.67"
    )
    assert CarriedCharge.objects.get().into_month == date(2026, 12, 1)
    labelled = [
        line.counts_lek for line in bill_of(group.contract, date(2026, 12, 1)).lines if line.note
    ]
    assert labelled == [500]
