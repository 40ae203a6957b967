"""Make a database of the test's own, with its mark in a folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from tests.epoch import databases


@pytest.fixture
def own_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, settings: Settings, tmp_path: Path
) -> Iterator[str]:
    """Return the name of a database that is in use and that no process has looked at."""
    with django_db_blocker.unblock():
        shared = str(connection.settings_dict["NAME"])
        template = str(connection.settings_dict["TEST"]["TEMPLATE"])
        with databases.made(f"{shared}_epoch", template) as name:
            settings.EPOCH_FILE = tmp_path / "epoch.json"
            databases.go_to(name)
            try:
                yield name
            finally:
                settings.EPOCH_FILE = None
                databases.go_to(shared)
                connection.close()


@pytest.fixture
def own_mark(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Return a place for the mark that only the end of a halt writes, because nobody looks."""
    settings.EPOCH_FILE = tmp_path / "epoch.json"
    monkeypatch.setattr("superfamilja.epoch.standing.why_halted", lambda: None)
    monkeypatch.setattr("superfamilja.epoch.standing.look", lambda: None)
