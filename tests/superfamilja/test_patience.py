"""A request waits for the database no longer than its limit; other code is not hurried."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from superfamilja.data import database_bounds, patience
from superfamilja.data.database import large_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def apart() -> Iterator[BaseDatabaseWrapper]:
    """Return a connection of the test's own, which may be lost."""
    with closing(connection.copy()) as ours:
        ours.ensure_connection()
        yield ours


def ask(ours: BaseDatabaseWrapper, sql: str) -> Any:
    with ours.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def test_who_has_waited_long_enough_gives_the_connection_up(apart: BaseDatabaseWrapper) -> None:
    with (
        patience.patience(0.2),
        pytest.raises(OperationalError, match="the database did not answer in time"),
    ):
        ask(apart, "SELECT pg_sleep(3)")
    assert apart.connection.closed


def test_all_statements_of_a_request_share_its_patience(apart: BaseDatabaseWrapper) -> None:
    with patience.patience(30):
        ask(apart, "SELECT pg_sleep(0.2)")
        left = patience.seconds_left()
        assert left is not None
        assert left <= 29.8


def test_outside_of_a_request_nothing_is_counted(apart: BaseDatabaseWrapper) -> None:
    assert patience.seconds_left() is None
    assert ask(apart, "SELECT pg_sleep(0.2), 1")[1] == 1
    assert patience.seconds_left() is None


def test_each_request_begins_with_the_whole_patience(settings: Settings) -> None:
    settings.WEB_DATABASE_SECONDS = 7
    seen: list[float | None] = []

    def view(_request: HttpRequest) -> HttpResponse:
        seen.append(patience.seconds_left())
        return HttpResponse()

    patience.WebPatience(view)(HttpRequest())
    assert (seen, patience.seconds_left()) == ([7], None)


def test_a_months_figures_may_take_a_minute() -> None:
    with patience.patience(2):
        large_statements()
        left = patience.seconds_left()
        assert left is not None
        assert 50 < left <= 60
        assert ask(connection, "SHOW statement_timeout") == ("1min",)


def test_a_months_figures_of_a_command_take_as_long_as_they_take() -> None:
    large_statements()
    assert ask(connection, "SHOW statement_timeout") == ("0",)


@pytest.mark.parametrize(
    ("bound", "statement", "lock", "idle"),
    [
        (database_bounds.bound_web, "1500ms", "1s", "5s"),
        (database_bounds.bound_worker, "15min", "1min", "1min"),
    ],
)
def test_each_kind_of_process_has_its_own_bounds(
    bound: Any, statement: str, lock: str, idle: str
) -> None:
    ours = connection.copy()
    ours.settings_dict["OPTIONS"] = {**ours.settings_dict["OPTIONS"], "pool": {"max_size": 4}}
    with mock.patch("superfamilja.data.database_bounds.connection", ours):
        bound()
    pool = ours.settings_dict["OPTIONS"].pop("pool")
    assert pool.get("timeout") == (1.5 if bound is database_bounds.bound_web else None)
    with closing(ours):
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [ask(ours, f"SHOW {name}")[0] for name in names] == [statement, lock, idle]
