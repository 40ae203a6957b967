"""Contract numbers that look the same are the same, wherever they are typed."""

import csv
from datetime import date
from pathlib import Path

import pytest

from groups import search
from groups.base_import import import_base
from groups.base_import.columns import COLUMNS
from groups.base_import.run import BaseImportOutcome
from groups.models import Contract
from tests.factories import at

pytestmark = pytest.mark.django_db

ROW = {
    "contract_number": "SF1000001",
    "fixed_number": "042223344",
    "contract_status": "active",
    "owner_nid": "J10000001A",
    "owner_name": "Drita Dardha",
    "contact_msisdn": "0691234567",
    "contact_email": "",
    "service_address": "Rruga 1, Tiranë",
    "store_code": "TR01",
    "group_opened_on": "2025-01-10",
    "group_closed_on": "",
    "member_msisdn": "0671234567",
    "member_name": "Elira",
    "member_plan": "standard_prepaid",
    "member_joined_on": "2025-01-10",
    "member_left_on": "",
}


def load(folder: Path, **changes: str) -> BaseImportOutcome:
    path = folder / "base.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(ROW | changes)
    return import_base(path, at=at("2026-11-05 09:00"))


@pytest.mark.parametrize(
    "number",
    [
        " SF1000001",
        "SF1000001 ",
        "\ufeffSF1000001",
        "SF1000001\u00a0",
        "SF\u200b1000001",
        "\u202aSF1000001\u202c",
        "SF1000001\u0007",
        "\tSF1000001",
        "\uff33\uff261000001",
    ],
    ids=ascii,
)
def test_a_number_that_looks_the_same_is_the_same_contract(tmp_path: Path, number: str) -> None:
    load(tmp_path)
    again = load(tmp_path, contract_number=number)
    assert again.changed_nothing
    assert again.rejects is None
    assert [c.number for c in Contract.objects.all()] == ["SF1000001"]
    assert [hit.contract.number for hit in search.by_key(number)] == ["SF1000001"]


@pytest.mark.parametrize(
    ("column", "written"), [("contract_number", "\u0421F1000001"), ("store_code", "TR\u041e1")]
)
def test_a_letter_of_another_alphabet_in_a_code_is_a_rejected_row(
    tmp_path: Path, column: str, written: str
) -> None:
    outcome = load(tmp_path, **{column: written})
    assert outcome.rejects is not None
    assert f",{column},{written},look_alike," in outcome.rejects.read_text(encoding="utf-8")
    assert not Contract.objects.exists()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Drita\u00a0Dardha", "Drita Dardha"),
        ("Dri\u009ata", "Drišta"),
        ("e\u0308", "ë"),
        ("  Drita   Dardha ", "Drita Dardha"),
        ("Drita\nDardha", "Drita Dardha"),
    ],
    ids=ascii,
)
def test_a_name_is_kept_as_it_is_seen(tmp_path: Path, written: str, kept: str) -> None:
    load(tmp_path, owner_name=written, member_name=written, service_address=written)
    contract = Contract.objects.get()
    member = contract.groups.get(opened_on=date(2025, 1, 10)).memberships.get()
    assert (contract.owner_name, contract.service_address, member.name) == (kept, kept, kept)
