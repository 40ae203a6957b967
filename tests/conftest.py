"""Configure every test."""

from datetime import timedelta

import pytest
from django.test import TransactionTestCase
from django.utils import translation
from pytest_django import DjangoDbBlocker

from superfamilja.clock import portal_clock
from tests import template_database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Copy test databases from one that is migrated."""
    with django_db_blocker.unblock():
        template_database.prepare()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put tests that leave rows last, even if pytest groups them by a shared parameter (the
    browser's). Trials run only when `-m` names them.
    """
    if "trial" not in config.option.markexpr:
        trials = [item for item in items if item.get_closest_marker("trial")]
        items[:] = [item for item in items if item not in set(trials)]
        config.hook.pytest_deselected(items=trials)
    items.sort(key=_leaves_rows)


def _leaves_rows(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))


@pytest.fixture(autouse=True)
def _the_portals_own_language() -> None:
    """Reset the language, because a page in English leaves it in the thread."""
    translation.activate("sq")


@pytest.fixture(autouse=True)
def _the_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal's clock is this machine's, so that a test moves both with time-machine.

    `tests/clock` undoes this and measures the database's.
    """
    monkeypatch.setattr(portal_clock, "_ahead", timedelta)


def _leave_rows(_self: TransactionTestCase) -> None:
    """Leave committed rows, because our tables refuse to be emptied.

    Tests with threads, processes or a browser make their own families and look at nothing else.
    They run after those that expect an empty database.
    """


TransactionTestCase._fixture_teardown = _leave_rows  # type: ignore[method-assign]
