"""The restore trial (R36): no reference twice, nothing settled undelivered, a complete list."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from pytest_django import Settings

from klikon.charging_simulator.server import Simulator
from klikon.comparison.ending import NotHalted
from klikon.models import Activation
from klikon.provisioning.answers import Statement
from tests.epoch import trial
from tests.klikon.provisioning.charging import simulator

pytestmark = pytest.mark.full


@pytest.fixture
def charging(own_database: str, settings: Settings, tmp_path: Path) -> Iterator[Simulator]:
    with simulator(settings, str(tmp_path / "charging.sqlite3")) as server:
        yield server


def holds(name: str, folder: Path, charging: Simulator) -> None:
    """Run the trial and check what has to be true at its end."""
    told = trial.run(name, folder, charging)
    assert told.refused == 5
    assert told.listed == sorted(told.lost)
    assert len(told.listed) == 25
    assert told.open_at_the_end == 0
    # 10 before, 25 lost, 30 after: no reference was used for two activations.
    given = trial.given(charging)
    assert len({reference for reference, _number, _package in given}) == 65
    assert set(given.values()) == {1}
    # 10 before, 15 charged again, 29 after; one waits for a person because it has another number.
    settled = trial.settled()
    assert settled <= set(given)
    assert len(settled) == 54
    assert trial.charged_lek() == 27_000
    assert Activation.objects.filter(order__state="person").count() == 1


def test_after_a_restore_nothing_is_sold_twice(
    own_database: str, tmp_path: Path, charging: Simulator
) -> None:
    holds(own_database, tmp_path, charging)


def test_control_with_references_that_are_counted_it_fails(
    own_database: str, tmp_path: Path, charging: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("klikon.activation.activate.new_reference", _counted)
    with pytest.raises(AssertionError):
        holds(own_database, tmp_path, charging)


def test_control_with_answers_that_are_believed_unread_it_fails(
    own_database: str, tmp_path: Path, charging: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Statement, "mismatch", lambda _self, _ordered: None)
    with pytest.raises(AssertionError):
        holds(own_database, tmp_path, charging)


def test_control_without_a_mark_outside_it_sells_on(
    own_database: str, tmp_path: Path, charging: Simulator, settings: Settings
) -> None:
    settings.EPOCH_FILE = None
    with pytest.raises(NotHalted):  # it sold to all five, and nothing can be compared
        holds(own_database, tmp_path, charging)


def _counted() -> str:
    """Count references as they once were: the database's next number."""
    numbers = count(Activation.objects.count() + 1)
    return f"KN-{next(numbers):07d}"
