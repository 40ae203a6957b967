"""Guessers are stopped, a stranger cannot lock the owner out, and typed text is never stored."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog
from django.test import Client

from superfamilja.accounts import demonstration
from tests.accounts import demonstration_people

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 5, 11, 0, 10, tzinfo=UTC)
PASSWORD = "demonstrim-klik-on"
OWNER, STRANGER = "10.0.0.1", "203.0.113.9"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        demonstration_people.made("agjenti")
        yield traveller


def type_password(ip, password=PASSWORD, username="agjenti", client=None):
    return (client or Client()).post(
        "/staff/sign-in/", {"login": username, "password": password}, REMOTE_ADDR=ip
    )


def test_five_failures_lock_the_name_from_that_address_for_fifteen_minutes(clock):
    answers = [type_password(STRANGER, "wrong").status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    assert type_password(STRANGER).status_code == 429
    clock.shift(timedelta(minutes=15, seconds=1))
    assert type_password(STRANGER).status_code == 302


def test_the_page_says_how_long_the_quick_lock_lasts(clock):
    for _ in range(4):
        type_password(STRANGER, "wrong")
    clock.shift(timedelta(minutes=2))
    answer = type_password(STRANGER, "wrong")
    assert "Prisni 15 minuta" in answer.content.decode()
    clock.shift(timedelta(minutes=6))
    assert "Prisni 9 minuta" in type_password(STRANGER).content.decode()


def test_the_page_says_how_long_the_slow_lock_lasts(clock):
    for number in range(50):
        type_password(f"203.0.113.{number}", "wrong")
        clock.shift(timedelta(seconds=6))
    answer = type_password(OWNER)
    assert "Prisni 55 minuta" in answer.content.decode()
    assert answer.headers["Retry-After"] == "3300"


def test_a_strangers_failures_do_not_lock_the_owner_out(clock):
    for _ in range(9):
        type_password(STRANGER, "wrong")
    assert type_password(OWNER).status_code == 302


def test_fifty_failures_from_many_addresses_lock_the_name_for_an_hour(clock):
    for number in range(50):
        type_password(f"203.0.113.{number}", "wrong")
    assert type_password(OWNER).status_code == 429
    clock.shift(timedelta(hours=1, seconds=1))
    assert type_password(OWNER).status_code == 302


def test_wrong_codes_lock_like_wrong_passwords(clock):
    client = Client(REMOTE_ADDR=STRANGER)
    type_password(STRANGER, client=client)
    answers = [
        client.post("/staff/sign-in/code/", {"code": "000000"}).status_code for _ in range(5)
    ]
    assert answers == [200, 200, 200, 200, 429]
    right = demonstration.current_code("agjenti")
    client.post("/staff/sign-in/code/", {"code": right})
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("language", "words"), [("sq", "Shumë përpjekje"), ("en", "Too many attempts")]
)
def test_the_lock_speaks_albanian_and_english(clock, language, words):
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    for _ in range(5):
        answer = type_password(STRANGER, "wrong", client=client)
    assert words in answer.content.decode()


def test_nothing_that_was_typed_is_logged_or_stored(clock, caplog):
    caplog.set_level(logging.DEBUG)
    for _ in range(6):
        type_password(STRANGER, "my-secret-word", "my-password-by-mistake")
    client = Client()
    type_password(OWNER, client=client)
    client.post("/staff/sign-in/code/", {"code": "918273"})
    stored = [str(row) for row in AccessFailureLog.objects.values()]
    stored += [str(row) for row in AccessAttempt.objects.values()]
    lines = [
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    ]
    for typed in ("my-secret-word", "my-password-by-mistake", "918273", "agjenti"):
        assert not [line for line in lines if typed in line]
        assert not [row for row in stored if typed in row]
    assert not [line for line in lines if STRANGER in line]
