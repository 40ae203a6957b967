"""The few values that all rooms speak: phone numbers, Lek, months."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from superfamilja.values import lek, months, phone


@pytest.mark.parametrize(
    "typed",
    ["0671234567", "+355671234567", "00355 67 123 4567", "067 123 4567", "067-123-4567"],
)
def test_a_mobile_number_is_read_however_it_is_written(typed: str) -> None:
    assert phone.parse_msisdn(typed) == "+355671234567"


@pytest.mark.parametrize("typed", ["", "067", "06712345678", "042223344", "+39 333 1234567", "O67"])
def test_what_is_no_albanian_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(phone.UnreadableNumberError):
        phone.parse_msisdn(typed)


def test_a_fixed_number_is_read_and_written_as_here() -> None:
    assert phone.parse_fixed("04 222 3344") == "+35542223344"
    assert phone.spoken("+35542223344") == "04 222 3344"
    assert phone.spoken("+355671234567") == "067 123 4567"
    assert phone.masked("+355671234567") == "***567"


@pytest.mark.parametrize(
    ("total", "vat"), [(6500, "1083.33"), (6000, "1000.00"), (0, "0.00"), (-500, "-83.33")]
)
def test_vat_is_what_is_inside_the_total(total: int, vat: str) -> None:
    assert lek.vat_within(total) == Decimal(vat)


def test_an_amount_never_stands_bare() -> None:
    assert lek.lek(6500) == "6.500 Lekë"


def test_a_month_is_read_shown_and_followed() -> None:
    assert months.parse_month("2026-10") == date(2026, 10, 1)
    assert months.month_label(date(2026, 10, 1)) == "10/2026"
    assert months.next_month(date(2026, 12, 1)) == date(2027, 1, 1)


@pytest.mark.parametrize("text", ["2026-13", "10/2026", "", "2026-1"])
def test_what_is_no_month_is_answered_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="2026-10"):
        months.parse_month(text)


def test_a_moment_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        months.month_of(datetime(2026, 10, 1))  # noqa: DTZ001
    assert months.month_of(datetime(2026, 10, 31, 23, 30, tzinfo=UTC)) == date(2026, 11, 1)
