"""The month's file for the fixed bill (R14, R22)."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from billing.export import export_month
from klikon.activation import activate
from klikon.models import Channel, LeaderAssignment
from superfamilja.audit.models import Act
from tests.factories import (
    ContractFactory,
    GroupFactory,
    MembershipFactory,
    assign,
    at,
    catalogue,
)

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
NOW = at("2026-11-02 09:00")


def leader_of(number: str, msisdn: str, language: str = "sq") -> LeaderAssignment:
    group = GroupFactory(contract=ContractFactory(number=number, language=language))
    return assign(MembershipFactory(group=group, msisdn=msisdn))


def buy(leader: LeaderAssignment, package: str, key: str) -> None:
    activate(
        leader=leader.member.msisdn, member=leader.member.msisdn, package=package,
        at=at("2026-10-20 12:00"), channel=Channel.IVR, client=leader.group.contract.number,
        key=key, repeat_confirmed=True,
    )  # fmt: skip


@pytest.fixture
def two_families() -> None:
    catalogue()
    first = leader_of("FX 2", "+355670000567")
    for key in ("1", "2", "3"):
        buy(first, "S700", key)
    buy(leader_of("FX 1", "+355680000321", language="en"), "S1000", "1")


@pytest.mark.usefixtures("two_families")
def test_a_line_an_entry_and_a_trailer_that_adds_up(tmp_path: Path) -> None:
    lines = export_month(OCTOBER, tmp_path, at=NOW).path.read_text(encoding="utf-8").splitlines()
    references = [line.split(",")[2] for line in lines[1:3]]
    assert lines == [
        "contract_number,period,entry_reference,description,activations,amount_lek,vat_lek",
        f'FX 1,2026-10,{references[0]},"Klik-ON 10/2026: 1 package, Mobile Leader ***321",'
        "1,800,133.33",
        f'FX 2,2026-10,{references[1]},"Klik-ON 10/2026: 3 paketa, Lider Mobile ***567",'
        "3,1500,250.00",
        "TRAILER,2026-10,2,,4,2300,383.33",
    ]
    assert all(reference.startswith("K2610-") for reference in references)


@pytest.mark.usefixtures("two_families")
def test_the_same_month_gives_the_same_bytes(tmp_path: Path) -> None:
    first = export_month(OCTOBER, tmp_path / "a", at=NOW).path.read_bytes()
    assert export_month(OCTOBER, tmp_path / "b", at=NOW).path.read_bytes() == first


def test_a_month_without_charges_is_a_file_with_an_empty_trailer(tmp_path: Path) -> None:
    path = export_month(OCTOBER, tmp_path, at=NOW).path
    assert path.name == "klikon-2026-10.csv"
    assert path.read_text().splitlines()[1:] == ["TRAILER,2026-10,0,,0,0,0.00"]


@pytest.mark.usefixtures("two_families")
def test_exporting_is_an_act(tmp_path: Path) -> None:
    export_month(OCTOBER, tmp_path, at=NOW)
    act = Act.objects.get(verb="export_month")
    assert act.details == {"month": "2026-10", "entries": 2, "amount_lek": 2300}


def test_a_month_that_is_none_is_answered_with_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="write it as 2026-10"):
        call_command("export_month", "10/2026", "--to", str(tmp_path))
