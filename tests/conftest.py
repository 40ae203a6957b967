"""What every test stands on."""

import pytest
from django.test import TransactionTestCase
from django.utils import translation
from pytest_django import DjangoDbBlocker

from tests import template_database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Test databases are copies of one that is migrated."""
    with django_db_blocker.unblock():
        template_database.prepare()


@pytest.fixture(autouse=True)
def _the_portals_own_language() -> None:
    """A page that was asked for in English leaves its language in the thread."""
    translation.activate("sq")


def _leave_rows(_self: TransactionTestCase) -> None:
    """Committed rows stay: our tables refuse to be emptied, and history is never removed.

    Tests with threads, processes or a browser make their own families and look at nothing else.
    pytest-django runs them after those that expect an empty database.
    """


TransactionTestCase._fixture_teardown = _leave_rows  # type: ignore[method-assign]
