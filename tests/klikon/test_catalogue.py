"""The catalogue file (R5): history, rejects in words, and a repeated import."""

import csv
from datetime import date
from pathlib import Path

import pytest

from klikon.catalogue.import_file import import_catalogue
from klikon.models import Package
from superfamilja.data.csv_files import FileRefused, ImportOutcome
from tests.factories import at

pytestmark = pytest.mark.django_db

HEADER = (
    "code,family,name,list_price_lek,validity_days,benefits_sq,benefits_en,on_sale_from,"
    "on_sale_until,sms_code"
)
SUPER_700 = "S700,super,Super 700,700,28,x,x,2020-01-01,,U700"


def load(folder: Path, *rows: str, header: str = HEADER) -> ImportOutcome:
    path = folder / "catalogue.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return import_catalogue(path, at=at("2026-11-05 09:00"))


def problems(outcome: ImportOutcome) -> list[tuple[str, str]]:
    assert outcome.rejects
    with outcome.rejects.open(encoding="utf-8", newline="") as file:
        return [(row["line"], row["field"]) for row in csv.DictReader(file)]


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    load(tmp_path, SUPER_700)
    again = load(tmp_path, SUPER_700)
    assert (again.figures["unchanged"], again.figures["new"], Package.objects.count()) == (1, 0, 1)


def test_a_changed_price_is_a_new_version_with_its_date(tmp_path: Path) -> None:
    load(tmp_path, SUPER_700, "S700,super,Super 700,750,28,x,x,2026-12-01,,U700")
    on = Package.objects.on_sale
    assert on(date(2026, 11, 30)).get().list_price_lek == 700
    assert on(date(2026, 12, 1)).get().list_price_lek == 750


def test_a_price_that_was_sold_cannot_be_rewritten(tmp_path: Path) -> None:
    load(tmp_path, SUPER_700)
    outcome = load(tmp_path, "S700,super,Super 700,750,28,x,x,2020-01-01,,U700")
    assert problems(outcome) == [("2", "list_price_lek")]
    assert Package.objects.get().list_price_lek == 700


def test_the_end_of_sale_may_be_set_later_and_is_exclusive(tmp_path: Path) -> None:
    load(tmp_path, SUPER_700)
    outcome = load(tmp_path, "S700,super,Super 700,700,28,x,x,2020-01-01,2026-11-10,U700")
    assert outcome.figures["changed"] == 1
    on = Package.objects.on_sale
    assert (on(date(2026, 11, 9)).exists(), on(date(2026, 11, 10)).exists()) == (True, False)


def test_bad_rows_are_named_and_the_good_ones_land(tmp_path: Path) -> None:
    outcome = load(
        tmp_path,
        SUPER_700,
        "S1000,super,Super 1000,x,28,x,x,2020-01-01,,",
        "S1200,super,Super 1200,1200,28,x,x,01.01.2020,,",
        "S1500,super,Super 1500,1500,28,x,x,2020-01-01,2019-01-01,",
        SUPER_700,
        "S2000,super,Super 2000",
    )
    assert problems(outcome) == [
        ("3", "list_price_lek"),
        ("4", "on_sale_from"),
        ("5", "on_sale_until"),
        ("6", "code"),
        ("7", ""),
    ]
    assert (outcome.figures["new"], outcome.figures["rejected"]) == (1, 5)


def test_a_missing_column_refuses_the_whole_file_and_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="sms_code"):
        load(tmp_path, SUPER_700, header=HEADER.removesuffix(",sms_code"))


def test_a_byte_order_mark_and_semicolons_are_read(tmp_path: Path) -> None:
    rows = SUPER_700.replace(",", ";")
    outcome = load(tmp_path, rows, header="\ufeff" + HEADER.replace(",", ";"))
    assert outcome.figures["new"] == 1


@pytest.mark.parametrize(
    ("field", "price", "days"),
    [
        ("list_price_lek", "2147483648", "28"),
        ("list_price_lek", "99999999999999999999", "28"),
        ("list_price_lek", "0", "28"),
        ("list_price_lek", "-700", "28"),
        ("list_price_lek", "1.00", "28"),
        ("validity_days", "700", "32768"),
        ("validity_days", "700", "0"),
        ("validity_days", "700", "28.000"),
    ],
)
def test_a_number_out_of_bounds_is_a_rejected_row_and_the_others_land(
    tmp_path: Path, field: str, price: str, days: str
) -> None:
    row = f"S900,super,Super 900,{price},{days},x,x,2020-01-01,,"
    outcome = load(tmp_path, row, SUPER_700)
    assert problems(outcome) == [("2", field)]
    assert [p.code for p in Package.objects.all()] == ["S700"]


def test_a_price_with_thousands_is_read_whole(tmp_path: Path) -> None:
    load(tmp_path, "S1000,super,Super 1000,1.000,28,x,x,2020-01-01,,")
    assert Package.objects.get().list_price_lek == 1000
