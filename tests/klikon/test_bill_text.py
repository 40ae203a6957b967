"""A payer without a phone learns of their Mobile Leader on the next Klik-ON bill, once."""

import csv
from datetime import date
from pathlib import Path

import pytest

from billing.month.export import export_month
from groups.models import Membership
from klikon.leader import leadership
from klikon.models import Declaration, DeclarationChannel
from superfamilja.accounts.roles import STORE_MANAGER
from tests.billing.closing import approve, close, settled
from tests.factories import ContractFactory, GroupFactory, MembershipFactory, at
from tests.proofs import payers_word
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    contract = ContractFactory(number="FX 104233")
    return MembershipFactory(group=GroupFactory(contract=contract), msisdn="+355670000567")


def named(member: Membership, moment: str, *, by_letter: bool = True) -> Declaration:
    return leadership.assign(
        proof=payers_word(member.group.contract, at(moment)),
        member=member,
        channel=DeclarationChannel.STORE,
        signatory_name="Drita Dardha",
        evidence="form 1",
        at=at(moment),
        by_letter=by_letter,
    ).declaration


def text_of(month: date, folder: Path) -> str:
    """Return the description on the contract's line in that month's file."""
    close(f"{month:%Y-%m}")
    approve(f"{month:%Y-%m}")
    path = export_month(month, folder, at=at("2026-12-02 09:00")).paths[0]
    (text,) = [row[3] for row in csv.reader(path.open()) if "FX 104233" in row]
    return text


def test_it_is_on_the_bill_of_its_month(member: Membership, tmp_path: Path) -> None:
    declaration = named(member, "2026-10-12 10:00")
    settled(member.group.contract, 500, "2026-10-20 12:00")
    assert text_of(date(2026, 10, 1), tmp_path) == (
        f"Klik-ON 10/2026, Lider Mobile i ri ***567 me Deklaratën {declaration.reference}, "
        "datë 12.10.2026"
    )


def test_without_a_bill_in_that_month_it_is_on_the_next_one(
    member: Membership, tmp_path: Path
) -> None:
    named(member, "2026-10-31 23:59")
    settled(member.group.contract, 500, "2026-11-20 12:00")
    assert "datë 31.10.2026" in text_of(date(2026, 11, 1), tmp_path)


def test_it_is_said_once(member: Membership, tmp_path: Path) -> None:
    named(member, "2026-10-12 10:00")
    settled(member.group.contract, 500, "2026-10-20 12:00")
    settled(member.group.contract, 500, "2026-11-20 12:00")
    assert text_of(date(2026, 11, 1), tmp_path) == "Klik-ON 11/2026"


def test_who_was_told_by_phone_is_told_by_no_bill(member: Membership, tmp_path: Path) -> None:
    named(member, "2026-10-12 10:00", by_letter=False)
    settled(member.group.contract, 500, "2026-10-20 12:00")
    assert text_of(date(2026, 10, 1), tmp_path) == "Klik-ON 10/2026"


def test_what_a_shop_cancelled_as_its_mistake_is_said_to_be_cancelled(
    member: Membership, tmp_path: Path
) -> None:
    declaration = named(member, "2026-10-12 10:00")
    leadership.cancel(
        assignment=declaration.assignment,
        at=at("2026-10-12 11:00"),
        actor=staff_member(STORE_MANAGER),
        reason="wrong family",
    )
    settled(member.group.contract, 500, "2026-10-20 12:00")
    assert text_of(date(2026, 10, 1), tmp_path) == (
        f"Klik-ON 10/2026, Deklarata {declaration.reference} e datës 12.10.2026 për Liderin Mobile "
        "***567 u anulua"
    )


def test_a_declaration_of_the_month_after_is_not_on_this_bill(
    member: Membership, tmp_path: Path
) -> None:
    settled(member.group.contract, 500, "2026-10-20 12:00")
    named(member, "2026-11-01 00:00")
    assert text_of(date(2026, 10, 1), tmp_path) == "Klik-ON 10/2026"
