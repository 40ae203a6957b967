"""The file of promotions (R8): what is imported, what is reported, and a repeated import."""

import csv
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries

from klikon.catalogue.promotions import import_promotions
from klikon.models import Promotion
from superfamilja.audit.models import Act
from superfamilja.data.csv_files import FileRefused, ImportOutcome
from tests.factories import at, catalogue

pytestmark = pytest.mark.django_db

HEADER = "msisdn,package_code,kind,value,valid_from,valid_to"
THIRTY_OFF = "0671234567,S1000,percent,30,2026-11-01,2026-11-30"


@pytest.fixture(autouse=True)
def _packages() -> None:
    catalogue()


def load(
    folder: Path, *rows: str | bytes, header: str = HEADER, dry_run: bool = False
) -> ImportOutcome:
    path = folder / "promotions.csv"
    lines = [row if isinstance(row, bytes) else row.encode() for row in (header, *rows)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return import_promotions(path, at=at("2026-11-05 09:00"), dry_run=dry_run)


def problems(outcome: ImportOutcome) -> list[tuple[str, str, str]]:
    assert outcome.rejects
    with outcome.rejects.open(encoding="utf-8", newline="") as file:
        return [(row["line"], row["field"], row["value"]) for row in csv.DictReader(file)]


def test_a_row_becomes_a_promotion(tmp_path: Path) -> None:
    assert load(tmp_path, THIRTY_OFF).figures == {
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "rejected": 0,
    }
    promotion = Promotion.objects.get()
    assert (promotion.msisdn, promotion.package_code, promotion.kind, promotion.value) == (
        "+355671234567",
        "S1000",
        "percent",
        30,
    )
    assert (promotion.valid_from, promotion.valid_to) == (date(2026, 11, 1), date(2026, 11, 30))
    assert Act.objects.get(verb="import_promotions").details["figures"]["new"] == 1


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    load(tmp_path, THIRTY_OFF)
    again = load(tmp_path, THIRTY_OFF)
    assert (again.figures["unchanged"], again.figures["new"]) == (1, 0)
    assert (Promotion.objects.count(), Act.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "number",
    ["067 123 4567", "+355 67 123 4567", "00355671234567", "067-123-4567", " 0671234567 "],
)
def test_a_number_is_read_however_written(tmp_path: Path, number: str) -> None:
    load(tmp_path, THIRTY_OFF)
    assert load(tmp_path, THIRTY_OFF.replace("0671234567", number)).figures["unchanged"] == 1


@pytest.mark.parametrize("last_day", ["2026-11-15", "2026-12-31"])
def test_its_last_day_may_be_moved(tmp_path: Path, last_day: str) -> None:
    load(tmp_path, THIRTY_OFF)
    moved = load(tmp_path, THIRTY_OFF.replace("2026-11-30", last_day))
    assert (moved.figures["changed"], moved.figures["new"]) == (1, 0)
    assert Promotion.objects.get().valid_to == date.fromisoformat(last_day)


@pytest.mark.parametrize(
    "other",
    [
        "0671234568,S1000,percent,30,2026-11-01,2026-11-30",
        "0671234567,*,percent,30,2026-11-01,2026-11-30",
        "0671234567,S1000,amount,30,2026-11-01,2026-11-30",
        "0671234567,S1000,percent,40,2026-11-01,2026-11-30",
        "0671234567,S1000,percent,30,2026-11-02,2026-11-30",
    ],
)
def test_anything_else_is_another_promotion(tmp_path: Path, other: str) -> None:
    load(tmp_path, THIRTY_OFF)
    assert load(tmp_path, other).figures["new"] == 1
    assert Promotion.objects.count() == 2


def test_the_database_lets_only_the_last_day_move(tmp_path: Path) -> None:
    load(tmp_path, THIRTY_OFF)
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        Promotion.objects.update(value=50)


def test_bad_rows_are_named_with_line_field_and_value_and_the_good_ones_land(
    tmp_path: Path,
) -> None:
    outcome = load(
        tmp_path,
        THIRTY_OFF,
        "042223344,S1000,percent,30,2026-11-01,2026-11-30",
        "0671234567,S999,percent,30,2026-11-01,2026-11-30",
        "0671234567,S1000,gift,0,2026-11-01,2026-11-30",
        "0671234567,S1000,percent,101,2026-11-01,2026-11-30",
        '0671234567,S1000,amount,"1,000",01.11.2026,2026-11-31',
        "0671234567,S1000,percent,30,2026-11-30,2026-11-01",
        "+355671234567,s1000,PERCENT,30,2026-11-01,2026-12-31",
        "0671234567,S1000,percent,30",
        '0671234567,"S1000,percent,30,2026-11-01,2026-11-30',
        "",
        "0671234568,S700,amount,100,2026-11-01,2026-11-30",
    )
    assert problems(outcome) == [
        ("3", "msisdn", "042223344"),
        ("4", "package_code", "S999"),
        ("5", "kind", "gift"),
        ("5", "value", "0"),
        ("6", "value", "101"),
        ("7", "value", "1,000"),
        ("7", "valid_from", "01.11.2026"),
        ("7", "valid_to", "2026-11-31"),
        ("8", "valid_to", "2026-11-01"),
        ("9", "msisdn", "'+355671234567"),
        ("10", "", "0671234567,S1000,percent,30"),
        ("11", "", '0671234567,"S1000,percent,30,2026-11-01,2026-11-30'),
    ]
    assert (outcome.figures["new"], outcome.figures["rejected"]) == (2, 9)


def test_the_rejects_say_what_to_do_in_both_languages(tmp_path: Path) -> None:
    outcome = load(tmp_path, THIRTY_OFF, THIRTY_OFF)
    assert outcome.rejects
    header, row = outcome.rejects.read_text(encoding="utf-8").splitlines()
    assert header == "line,field,value,arsyeja,reason"
    assert row == "3,msisdn,0671234567,Përsërit rreshtin 2.,It repeats line 2."


def test_a_row_in_another_encoding_is_named_and_the_next_one_lands(tmp_path: Path) -> None:
    outcome = load(tmp_path, "0671234567,ç,percent,30,,".encode("latin-1"), THIRTY_OFF)
    assert [line for line, _, _ in problems(outcome)] == ["2"]
    assert outcome.figures["new"] == 1


def test_a_byte_order_mark_and_semicolons_are_read(tmp_path: Path) -> None:
    outcome = load(
        tmp_path, THIRTY_OFF.replace(",", ";"), header="\ufeff" + HEADER.replace(",", ";")
    )
    assert outcome.figures["new"] == 1


@pytest.mark.parametrize(
    ("header", "named"),
    [(HEADER.removesuffix(",valid_to"), "valid_to"), (HEADER + ",note", "note")],
)
def test_a_file_with_other_columns_is_refused_whole_and_they_are_named(
    tmp_path: Path, header: str, named: str
) -> None:
    with pytest.raises(FileRefused, match=named):
        load(tmp_path, THIRTY_OFF, header=header)
    assert not Promotion.objects.exists()


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    load(tmp_path, THIRTY_OFF)
    outcome = load(
        tmp_path,
        THIRTY_OFF.replace("2026-11-30", "2026-12-31"),
        "0671234568,*,amount,100,2026-11-01,2026-11-30",
        dry_run=True,
    )
    assert (outcome.figures["new"], outcome.figures["changed"]) == (1, 1)
    assert Promotion.objects.get().valid_to == date(2026, 11, 30)


def test_many_rows_are_as_few_statements_as_one(
    tmp_path: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [f"067{n:07d},*,percent,10,2026-11-01,2026-11-30" for n in range(2000)]
    with django_assert_max_num_queries(7):
        assert load(tmp_path, *rows).figures["new"] == 2000
    with django_assert_max_num_queries(7):
        assert load(tmp_path, *rows).figures["unchanged"] == 2000


def test_the_command_says_what_was_done_and_where_the_rejects_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"{HEADER}\n{THIRTY_OFF}\nx,*,percent,10,2026-11-01,2026-11-30\n")
    call_command("import_promotions", path)
    said = capsys.readouterr().out
    assert "1" in said
    assert str(tmp_path / "p.rejects.csv") in said
    with pytest.raises(CommandError):
        call_command("import_promotions", tmp_path / "nothing.csv")


def test_the_demonstrations_promotions_are_of_members_of_the_demonstration() -> None:
    data = Path(settings.BASE_DIR) / "data"
    with (
        (data / "base.csv").open(encoding="utf-8") as base,
        (data / "promotions.csv").open(encoding="utf-8") as promotions,
    ):
        members = {row["member_msisdn"] for row in csv.DictReader(base)}
        assert {row["msisdn"] for row in csv.DictReader(promotions)} <= members


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("amount", "2147483648"),
        ("amount", "99999999999999999999"),
        ("amount", "0"),
        ("percent", "101"),
        ("percent", "0"),
        ("percent", "1.000"),
        ("percent", "30,00"),
    ],
)
def test_a_value_out_of_bounds_is_a_rejected_row_and_the_others_land(
    tmp_path: Path, kind: str, value: str
) -> None:
    row = f'0671234567,S1000,{kind},"{value}",2026-11-01,2026-11-30'
    outcome = load(tmp_path, row, THIRTY_OFF)
    assert [(line, field) for line, field, _value in problems(outcome)] == [("2", "value")]
    assert outcome.figures["new"] == 1


def test_an_amount_with_thousands_is_read_whole(tmp_path: Path) -> None:
    load(tmp_path, "0671234567,S1000,amount,1.000,2026-11-01,2026-11-30")
    assert Promotion.objects.get().value == 1000
