"""No phone number and no personal number reaches the log."""

import logging

import pytest

from superfamilja.logs import RedactingFormatter, redact


@pytest.mark.parametrize(
    ("written", "logged"),
    [
        ("SMS to +355671234567 failed", "SMS to ***567 failed"),
        ("067 123 4567 called", "***567 called"),
        ("068-123-4567", "***567"),
        ("GET /admin/?q=0691234567 404", "GET /admin/?q=***567 404"),
        ("GET /admin/?q=%2B355671234567", "GET /admin/?q=***567"),
        ("00355 67 123 4567", "***567"),
        ("fixed 04 222 3344 and +35542223344", "fixed ***344 and ***344"),
        ("owner J12345678A.", "owner ***."),
        ("owner j12345678a", "owner ***"),
    ],
)
def test_numbers_of_people_are_taken_out(written: str, logged: str) -> None:
    assert redact(written) == logged


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-03 14:05:09,123 INFO started",
        "03.11.2026 14:05",
        "month 2026-11 closed: 6.500 Lekë, 1083.33 VAT",
        "activation KO-20261103-000123 took 0.0421 s",
        "KLIKON-00042 127.0.0.1:8000",
    ],
)
def test_dates_amounts_and_references_stay(line: str) -> None:
    assert redact(line) == line


def test_arguments_and_tracebacks_are_redacted_too() -> None:
    try:
        raise ValueError("no member 067 123 4567")
    except ValueError as error:
        record = logging.LogRecord(
            "x",
            logging.ERROR,
            "f",
            1,
            "for %s",
            ("J12345678A",),
            (ValueError, error, error.__traceback__),
        )
    line = RedactingFormatter("%(message)s").format(record)
    assert line.startswith("for ***\n")
    assert "4567" not in line.replace("***567", "")
