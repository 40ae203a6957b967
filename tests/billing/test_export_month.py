"""The month's file for the fixed bill (R14, R22)."""

import hashlib
import re
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from billing import outcomes
from billing.credits import give_credit
from billing.models import BillEntry, Charge, IssuedFile, ParkedEntry
from billing.month.export import export_month
from billing.month.parked import recount
from groups.models import Contract
from klikon.activation.activate import activate
from klikon.models import Channel, LeaderAssignment
from superfamilja.audit.models import Act
from tests.billing.closing import approve, close, reviewer
from tests.factories import (
    ContractFactory,
    GroupFactory,
    MembershipFactory,
    assign,
    at,
    catalogue,
    charge,
)

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
NOW = at("2026-11-02 09:00")


def leader_of(number: str, msisdn: str, language: str = "sq") -> LeaderAssignment:
    group = GroupFactory(contract=ContractFactory(number=number, language=language))
    return assign(MembershipFactory(group=group, msisdn=msisdn))


def buy(leader: LeaderAssignment, package: str, key: str) -> None:
    activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package=package,
        at=at("2026-10-20 12:00"),
        channel=Channel.IVR,
        client=leader.group.contract.number,
        key=key,
        repeat_confirmed=True,
    )


@pytest.fixture
def two_families() -> None:
    catalogue()
    first = leader_of("FX 2", "+355670000567")
    for key in ("1", "2", "3"):
        buy(first, "S700", key)
    buy(leader_of("FX 1", "+355680000321", language="en"), "S1000", "1")


def issued(tmp_path: Path) -> Path:
    """Close, approve and export October."""
    close("2026-10")
    approve("2026-10")
    return export_month(OCTOBER, tmp_path, at=NOW).paths[0]


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.usefixtures("two_families")
class TestTheFile:
    def test_a_line_an_entry_and_a_trailer_that_adds_up(self, tmp_path: Path) -> None:
        settle_all()
        lines = lines_of(issued(tmp_path))
        references = [line.split(",")[2] for line in lines[1:3]]
        assert lines == [
            "contract_number,period,entry_reference,description,activations,amount_lek,vat_lek",
            f'FX 1,2026-10,{references[0]},"Klik-ON 10/2026: 1 package, Mobile Leader ***321",'
            "1,800,133.33",
            f'FX 2,2026-10,{references[1]},"Klik-ON 10/2026: 3 paketa, Lider Mobile ***567",'
            "3,1500,250.00",
            "TRAILER,2026-10,2,,4,2300,383.33",
        ]
        entries = BillEntry.objects.order_by("contract__number")
        assert references == [entry.reference for entry in entries]
        assert all(re.fullmatch(r"K2610-.{3}-.{3}-.{4}", written) for written in references)

    def test_its_checksum_stands_beside_it(self, tmp_path: Path) -> None:
        path = issued(tmp_path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        beside = tmp_path / f"{path.name}.sha256"
        assert beside.read_text() == f"{digest}  {path.name}\n"
        assert IssuedFile.objects.get().sha256 == digest

    def test_r36_its_name_has_a_piece_of_its_checksum(self, tmp_path: Path) -> None:
        path = issued(tmp_path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert path.name == f"klikon-2026-10-{digest[:12]}.csv"

    def test_an_issued_file_never_changes_whatever_happens_later(self, tmp_path: Path) -> None:
        settle_all()
        first = issued(tmp_path / "a").read_bytes()
        later = at("2026-11-03 10:00")
        contract = Contract.objects.get(number="FX 2")
        outcomes.reverse(
            reference=contract.charges.first().reference, at=later, reason="never came"
        )
        Contract.objects.filter(pk=contract.pk).update(language="en")
        again = export_month(OCTOBER, tmp_path / "b", at=later)
        assert again.paths[0].read_bytes() == first
        assert IssuedFile.objects.count() == 1

    def test_going_out_is_an_act_and_a_copy_is_none(self, tmp_path: Path) -> None:
        settle_all()
        issued(tmp_path / "a")
        export_month(OCTOBER, tmp_path / "b", at=NOW)
        act = Act.objects.get(verb="export_month")
        assert act.details == {
            "month": "2026-10",
            "file": IssuedFile.objects.get().name,
            "entries": 2,
            "amount_lek": 2300,
        }

    def test_a_month_that_nobody_approved_gives_a_draft_that_says_so(self, tmp_path: Path) -> None:
        exported = export_month(OCTOBER, tmp_path, at=NOW)
        assert exported.is_draft
        assert [path.name for path in tmp_path.iterdir()] == ["klikon-2026-10-draft.csv"]
        assert lines_of(exported.paths[0])[-1] == "DRAFT,2026-10,2,,4,2300,383.33"
        close("2026-10")
        assert export_month(OCTOBER, tmp_path, at=NOW).is_draft
        assert not IssuedFile.objects.exists()

    def test_r29_what_was_held_at_the_close_is_not_on_the_file(self, tmp_path: Path) -> None:
        settle_all("FX 1")
        lines = lines_of(issued(tmp_path))
        assert [line.split(",")[0] for line in lines[1:]] == ["FX 1", "TRAILER"]
        assert lines[-1] == "TRAILER,2026-10,1,,1,800,133.33"


def settle_all(*numbers: str) -> None:
    """Settle everything in October, or only these contracts' charges."""
    charges = Charge.objects.filter(month=OCTOBER)
    for posted in charges.filter(contract__number__in=numbers) if numbers else charges:
        outcomes.settle(reference=posted.reference, at=at("2026-10-20 12:01"))


def test_a_month_without_charges_is_a_file_with_an_empty_trailer(tmp_path: Path) -> None:
    path = issued(tmp_path)
    assert lines_of(path)[1:] == ["TRAILER,2026-10,0,,0,0,0.00"]


def test_an_entry_whose_charges_were_all_reversed_gives_no_line(tmp_path: Path) -> None:
    failed = charge(ContractFactory(), 500, "2026-10-05 12:00")
    outcomes.reverse(reference=failed.reference, at=at("2026-10-05 12:01"), reason="failed")
    assert lines_of(issued(tmp_path))[1:] == ["TRAILER,2026-10,0,,0,0,0.00"]


def test_a_negative_total_is_a_credit_line(tmp_path: Path) -> None:
    contract = ContractFactory(number="FX 3")
    posted = charge(contract, 500, "2026-09-05 12:00")
    outcomes.settle(reference=posted.reference, at=at("2026-09-05 12:01"))
    give_credit(
        charge=posted,
        amount_lek=500,
        key="1",
        at=at("2026-10-05 12:00"),
        actor=reviewer(),
        reason="slow",
    )
    lines = lines_of(issued(tmp_path))
    assert lines[1].split(",", 3)[3] == '"Klik-ON 10/2026, korrigjime -500 Lekë",0,-500,-83.33'
    assert lines[2] == "TRAILER,2026-10,1,,0,-500,-83.33"


def test_e17_a_charge_that_settled_late_is_labelled_with_its_own_month(tmp_path: Path) -> None:
    contract = ContractFactory(number="FX 4")
    held = charge(contract, 500, "2026-09-30 23:00")
    close("2026-09")
    outcomes.settle(reference=held.reference, at=at("2026-10-03 10:00"))
    line = lines_of(issued(tmp_path))[1]
    assert line.split(",", 3)[3] == '"Klik-ON 10/2026, 500 Lekë nga 09/2026",1,500,83.33'


class TestParkedEntries:
    """A parked entry is not in the month's file; once resolved it is in a numbered supplement."""

    @pytest.fixture
    def parked(self) -> ParkedEntry:
        for number in ("FX 5", "FX 6"):
            posted = charge(ContractFactory(number=number), 800, "2026-10-05 12:00")
            outcomes.settle(reference=posted.reference, at=at("2026-10-05 12:01"))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE billing_billentry SET spent = 700 WHERE contract_id = "
                "(SELECT id FROM groups_contract WHERE number = 'FX 6')"
            )
        close("2026-10")
        return ParkedEntry.objects.get()

    def recount(self, parked: ParkedEntry) -> None:
        recount(parked=parked, at=NOW, actor=reviewer(), reason="lines checked")

    def test_a_parked_entry_is_on_no_file(self, tmp_path: Path, parked: ParkedEntry) -> None:
        approve("2026-10")
        lines = lines_of(export_month(OCTOBER, tmp_path, at=NOW).paths[0])
        assert [line.split(",")[0] for line in lines[1:]] == ["FX 5", "TRAILER"]

    def test_resolved_before_the_file_went_out_it_is_in_it(
        self, tmp_path: Path, parked: ParkedEntry
    ) -> None:
        self.recount(parked)
        approve("2026-10")
        exported = export_month(OCTOBER, tmp_path, at=NOW)
        assert lines_of(exported.paths[0])[-1] == "TRAILER,2026-10,2,,2,1600,266.66"

    def test_resolved_later_it_goes_into_a_numbered_supplement(
        self, tmp_path: Path, parked: ParkedEntry
    ) -> None:
        approve("2026-10")
        main = export_month(OCTOBER, tmp_path / "a", at=NOW).paths[0].read_bytes()
        self.recount(parked)
        exported = export_month(OCTOBER, tmp_path / "b", at=NOW)
        assert exported.paths[1].name.startswith("klikon-2026-10-1-")
        assert exported.paths[0].read_bytes() == main
        supplement = lines_of(exported.paths[1])
        assert [line.split(",")[0] for line in supplement[1:]] == ["FX 6", "TRAILER"]
        assert supplement[-1] == "TRAILER,2026-10,1,,1,800,133.33"
        again = export_month(OCTOBER, tmp_path / "c", at=NOW)
        assert [p.read_bytes() for p in again.paths] == [p.read_bytes() for p in exported.paths]


def test_a_month_that_is_none_is_answered_with_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="write it as 2026-10"):
        call_command("export_month", "10/2026", "--to", str(tmp_path))
