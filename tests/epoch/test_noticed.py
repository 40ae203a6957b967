"""A database that goes back, or is another one, is noticed in every case (R36)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from superfamilja.audit.models import Act
from superfamilja.epoch import inside, judging, outside, standing
from superfamilja.epoch.inside import Inside
from superfamilja.epoch.models import Epoch, Halt, HaltReason, Mark
from superfamilja.epoch.outside import Outside
from tests.epoch import databases
from tests.klikon.provisioning.charging import ordered

KNOWN = Outside("e1", "711", "00000001", 16384, 20000, "900", 5, "m5")
LINE = "00000001"
SAYS = Inside(
    "e1", "production", "900", 20000, [], None, "711", 16384, False, LINE, "m5", 1, True, LINE
)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"epoch": None}, HaltReason.NO_EPOCH),
        ({"epoch": "e2"}, HaltReason.OTHER_EPOCH),
        ({"cluster": "712"}, HaltReason.OTHER_SERVER),
        ({"database": 16385}, HaltReason.RELOADED),  # CREATE DATABASE … TEMPLATE
        ({"table": 20001}, HaltReason.RELOADED),  # pg_restore
        ({"row": "901"}, HaltReason.RELOADED),  # only the rows were loaded again
        ({"mark_token": ""}, HaltReason.GONE_BACK),  # a copied folder, a rewound disk
        ({"mark_token": "other"}, HaltReason.GONE_BACK),  # gone back, and used since
        ({"timeline": "00000002"}, HaltReason.PROMOTED),  # a moment of the archive, a standby
        ({"mark_token": "", "oldest_mark": 6}, None),  # a machine that was off for a week
    ],
)
def test_each_difference_has_its_name(changed: dict[str, object], why: HaltReason | None) -> None:
    found = judging.disagreement(replace(SAYS, **changed), KNOWN, failover_loses_nothing=False)  # type: ignore[arg-type]
    assert found == why


def test_a_standby_without_a_gap_is_no_restore_where_people_said_so() -> None:
    promoted = replace(SAYS, timeline="00000002")
    assert judging.disagreement(promoted, KNOWN, failover_loses_nothing=True) is None
    behind = replace(promoted, mark_token="")
    assert judging.disagreement(behind, KNOWN, failover_loses_nothing=True) == "gone_back"


NEXT = replace(SAYS, epoch="e2", epochs_before=["e1"])


@pytest.mark.parametrize(
    ("changed", "goes_on"),
    [
        ({}, True),
        ({"epochs_before": ["e0"]}, False),
        ({"born_here": False}, False),  # the newer epoch's row was loaded from a dump
        ({"timeline": "00000002"}, False),  # its server was restored to a moment since
    ],
)
def test_an_epoch_that_was_born_here_after_the_one_outside_is_gone_on_with(
    changed: dict[str, object], goes_on: bool
) -> None:
    said = replace(NEXT, **changed)  # type: ignore[arg-type]
    assert judging.went_on(said, KNOWN, failover_loses_nothing=False) == goes_on


def test_after_a_failover_without_a_gap_the_newer_epoch_is_gone_on_with() -> None:
    promoted = replace(NEXT, timeline="00000002")
    assert judging.went_on(promoted, KNOWN, failover_loses_nothing=True)


def seen() -> str | None:
    """Return what a process that starts now finds."""
    connection.close()
    databases.forget_what_was_seen()
    return standing.look()


def test_a_fresh_database_begins_by_itself(own_database: str, settings: Settings) -> None:
    assert seen() is None
    known = outside.read(settings.EPOCH_FILE)
    assert known is not None
    assert known.epoch == Epoch.objects.get().token
    assert known.mark_token == Mark.objects.latest("pk").token
    assert seen() is None
    assert Epoch.objects.count() == 1


@pytest.mark.full
def test_a_dump_restored_in_its_place_is_noticed(own_database: str, tmp_path: Path) -> None:
    assert seen() is None
    backup = databases.dump(tmp_path / "backup")
    databases.restore(backup, own_database)
    assert seen() == "reloaded"
    assert seen() == "reloaded"
    assert Halt.objects.count() == 1
    assert Act.objects.filter(verb="halt_database").count() == 1


def a_newer_epoch() -> str:
    """Make the epoch that follows when two people end a halt; the mark outside stays behind."""
    before = Epoch.objects.latest("pk").token
    with transaction.atomic():
        return standing.begin_epoch(outside_before=before).token


def test_a_database_before_its_migration_stands_still_until_it_is_migrated(
    own_database: str,
) -> None:
    assert seen() is None
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE epoch_epochbirth RENAME TO away")
    assert seen() == standing.NOT_MIGRATED
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE away RENAME TO epoch_epochbirth")
    standing.look_again()  # as after each migrate
    assert standing.why_halted() is None


def test_a_machine_whose_mark_is_older_goes_on_with_the_newer_epoch(
    own_database: str, settings: Settings
) -> None:
    assert seen() is None
    newer = a_newer_epoch()
    assert seen() is None
    known = outside.read(settings.EPOCH_FILE)
    assert known is not None
    assert known.epoch == newer


def test_a_dump_of_the_newer_epoch_is_noticed_where_the_mark_is_older(
    own_database: str, tmp_path: Path
) -> None:
    assert seen() is None
    a_newer_epoch()
    databases.restore(databases.dump(tmp_path / "backup"), own_database)
    assert seen() == "other_epoch"


def test_control_with_no_birth_asked_for_the_dump_would_be_believed(
    own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = judging.went_on

    def unasked(said: Inside, known: Outside, **how: bool) -> bool:
        return real(replace(said, born_here=True), known, **how)

    assert seen() is None
    a_newer_epoch()
    databases.restore(databases.dump(tmp_path / "backup"), own_database)
    monkeypatch.setattr(judging, "went_on", unasked)
    assert seen() is None


@pytest.mark.full
def test_a_dump_restored_over_the_tables_is_noticed(own_database: str, tmp_path: Path) -> None:
    assert seen() is None
    databases.restore_over(databases.dump(tmp_path / "backup"))
    assert seen() == "reloaded"


@pytest.mark.full
def test_a_copy_under_another_name_is_noticed(own_database: str) -> None:
    assert seen() is None
    connection.close()
    with databases.made(f"{own_database}_copy", own_database) as copy:
        databases.go_to(copy)
        assert seen() == "reloaded"
        databases.go_to(own_database)
    assert seen() is None  # the original database goes on


def test_rows_that_are_loaded_again_are_noticed(own_database: str) -> None:
    assert seen() is None
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE epoch_epoch DISABLE TRIGGER USER")
        cursor.execute("UPDATE epoch_epoch SET token = token")
    assert seen() == "reloaded"


def test_a_lost_mark_is_noticed(own_database: str) -> None:
    """A copied folder goes back to a time before its last marks."""
    assert seen() is None
    Mark.objects.latest("pk").delete()
    assert seen() == "gone_back"


def test_a_timeline_that_changed_is_noticed(own_database: str, settings: Settings) -> None:
    assert seen() is None
    known = outside.read(settings.EPOCH_FILE)
    assert known is not None
    settings.EPOCH_FILE.write_text(json.dumps({**vars(known), "timeline": "00000000"}))
    assert seen() == "promoted"


def test_in_production_a_copy_without_its_mark_is_noticed(
    own_database: str, settings: Settings
) -> None:
    settings.DEMONSTRATION, settings.MODE = False, "production"
    assert seen() is None
    ordered()
    settings.EPOCH_FILE.unlink()
    assert seen() == "no_mark"


def test_a_copy_of_production_does_not_become_a_demonstration(
    own_database: str, settings: Settings
) -> None:
    settings.DEMONSTRATION, settings.MODE = False, "production"
    assert seen() is None
    ordered()
    settings.EPOCH_FILE.unlink()
    settings.DEMONSTRATION, settings.MODE = True, "demonstration"
    assert seen() == "no_mark"


def test_in_production_a_database_of_before_waits_for_a_person(
    own_database: str, settings: Settings
) -> None:
    ordered()
    assert Epoch.objects.count() == 1  # it began as a demonstration's, at its first connection
    with connection.cursor() as cursor:
        for table in ("epoch_epochbirth", "epoch_epoch"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; DELETE FROM {table}")
    settings.EPOCH_FILE.unlink()
    settings.DEMONSTRATION, settings.MODE = False, "production"
    assert seen() == "never_begun"


def test_a_demonstration_of_before_begins_by_itself(own_database: str, settings: Settings) -> None:
    ordered()
    settings.EPOCH_FILE.unlink()
    assert seen() is None


def test_an_empty_database_in_the_place_of_one_that_was_used_is_noticed(
    own_database: str, settings: Settings
) -> None:
    settings.DEMONSTRATION, settings.MODE = False, "production"
    settings.EPOCH_FILE.write_text(json.dumps(vars(KNOWN)))
    assert seen() == "no_epoch"


def test_a_dump_of_before_the_epochs_is_noticed_before_it_is_migrated(
    own_database: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert seen() is None
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE epoch_epoch CASCADE")
    assert seen() == "not_migrated"
    # An upgrade passes here, too: no alarm, and the command that is needed.
    (said,) = (record for record in caplog.records if record.name == standing.__name__)
    assert said.levelname == "WARNING"
    assert said.getMessage().endswith(": manage.py migrate")


def test_a_halt_is_an_alarm_that_names_its_command(
    own_database: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEMONSTRATION, settings.MODE = False, "production"
    settings.EPOCH_FILE.write_text(json.dumps(vars(KNOWN)))
    assert seen() == "no_epoch"
    (said,) = (record for record in caplog.records if record.name == standing.__name__)
    assert said.levelname == "CRITICAL"
    assert said.getMessage().endswith("nothing (no_epoch): manage.py after_restore")


def test_a_mark_that_nobody_can_read_stops_this_process_alone(
    own_database: str, settings: Settings
) -> None:
    assert seen() is None
    settings.EPOCH_FILE.write_text("{")
    assert seen() == "unreadable"
    assert not Halt.objects.exists()


@pytest.mark.full
def test_a_running_process_notices_at_its_next_connection(
    own_database: str, tmp_path: Path
) -> None:
    """The same process without a reset; the restore ended its connections."""
    assert seen() is None
    backup = databases.dump(tmp_path / "backup")
    was = standing._known
    databases.restore(backup, own_database)
    standing._known = was
    connection.close()
    with pytest.raises(DatabaseError, match="was restored"), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_billmonth SET state = state")
    assert standing.why_halted() == "reloaded"


def test_a_mark_moves_forward_only(tmp_path: Path) -> None:
    place = tmp_path / "epoch.json"
    outside.write(place, replace(KNOWN, mark=7), follows=None)
    outside.write(place, replace(KNOWN, mark=6), follows=KNOWN)  # the slower process
    found = outside.read(place)
    assert found is not None
    assert found.mark == 7


def test_a_look_in_a_transaction_writes_nothing(own_database: str) -> None:
    assert seen() is None
    before = Mark.objects.count()
    with transaction.atomic():
        standing._known.looked_at = float("-inf")
        assert standing.why_halted() is None
    assert Mark.objects.count() == before


def test_the_database_tells_any_role(own_database: str) -> None:
    """Everybody may run pg_control_system and pg_walfile_name; the portal is no superuser."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
    said = inside.ask(0)
    assert said is not None
    assert said.cluster.isdecimal()
    assert len(said.timeline) == 8
