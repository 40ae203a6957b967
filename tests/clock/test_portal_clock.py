"""R37: the portal goes by one clock, the database's, whatever a machine's own clock says."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import Error, IntegrityError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from superfamilja.clock import portal_clock, shifting
from superfamilja.clock.checks import the_clock_is_the_databases
from superfamilja.clock.models import ClockShift
from superfamilja.epoch.models import Epoch

pytestmark = pytest.mark.django_db
A_MOMENT = timedelta(seconds=2)


@pytest.fixture(autouse=True)
def _the_databases_clock(
    _the_machines_clock: None, monkeypatch: pytest.MonkeyPatch, real_ahead: object
) -> None:
    monkeypatch.setattr(portal_clock, "_ahead", real_ahead)
    portal_clock.measure_again()


def _epoch(mode: str) -> Epoch:
    return Epoch.objects.create(token=f"of {mode}", mode=mode, begun_at=portal_clock.now())


def test_a_machine_with_a_wrong_clock_goes_by_the_databases():
    real = timezone.now()
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC)):
        assert abs(portal_clock.now() - real) < A_MOMENT


def test_a_clock_that_is_set_while_the_portal_runs_changes_nothing():
    real = portal_clock.now()
    with time_machine.travel(real + timedelta(hours=1)):
        assert abs(portal_clock.now() - real) < A_MOMENT


def test_the_database_is_asked_once_and_not_each_time(django_assert_num_queries):
    with django_assert_num_queries(2):
        portal_clock.now()
        portal_clock.now()


def test_a_measure_that_is_too_old_is_made_again(django_assert_num_queries, monkeypatch):
    portal_clock.now()
    monkeypatch.setattr(portal_clock, "MEASURED_FOR", 0.0)
    with django_assert_num_queries(2):
        portal_clock.now()


def test_before_the_tables_are_migrated_it_is_the_databases_own():
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION portal_now()")
    assert abs(portal_clock.now() - timezone.now()) < A_MOMENT


def test_a_transaction_that_failed_still_knows_the_time(monkeypatch):
    real = portal_clock.now()
    monkeypatch.setattr(portal_clock, "MEASURED_FOR", 0.0)
    with transaction.atomic():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        except Error:
            transaction.set_rollback(True)
        assert abs(portal_clock.now() - real) < A_MOMENT
        transaction.set_rollback(False)


def test_a_demonstration_is_moved_forward_and_the_steps_add_up():
    real = portal_clock.now()
    shifting.shift_clock(ahead_by=timedelta(days=3), reason="To see a month's end")
    said = shifting.shift_clock(ahead_by=timedelta(hours=12), reason="To see it close")
    assert abs(said - real - timedelta(hours=84)) < A_MOMENT
    assert abs(portal_clock.ask() - real - timedelta(hours=84)) < A_MOMENT
    assert [(s.reason, s.ahead_by) for s in ClockShift.objects.order_by("pk")] == [
        ("To see a month's end", timedelta(days=3)),
        ("To see it close", timedelta(hours=12)),
    ]


def test_a_database_of_production_is_never_moved():
    _epoch("production")
    with pytest.raises(shifting.ClockIsRealError, match="its clock is never moved"):
        shifting.shift_clock(ahead_by=timedelta(days=3), reason="A trial")
    assert not ClockShift.objects.exists()
    with pytest.raises(CommandError, match="its clock is never moved"):
        call_command("shift_clock", "3", reason="A trial")


def test_a_database_that_was_moved_never_serves_in_production():
    shifting.shift_clock(ahead_by=timedelta(days=3), reason="A trial")
    _epoch("demonstration")
    with pytest.raises(IntegrityError, match="it cannot serve in production"):
        _epoch("production")


@pytest.mark.parametrize("step", [timedelta(0), timedelta(days=-1)])
def test_the_clock_never_goes_back(step):
    with pytest.raises(ValueError, match="forward only"):
        shifting.shift_clock(ahead_by=step, reason="A trial")
    with pytest.raises(IntegrityError, match="clock_shift_forward"), transaction.atomic():
        ClockShift.objects.create(ahead_by=step, reason="A trial", shifted_at=timezone.now())


def test_the_check_of_production_finds_a_moved_clock():
    with override_settings(MODE="production"):
        assert the_clock_is_the_databases(databases=["default"]) == []
    shifting.shift_clock(ahead_by=timedelta(days=3), reason="A trial")
    assert the_clock_is_the_databases(databases=["default"]) == []
    with override_settings(MODE="production"):
        (found,) = the_clock_is_the_databases(databases=["default"])
        assert found.id == "clock.E001"
        assert the_clock_is_the_databases(databases=None) == []


def test_the_command_says_what_the_clock_shows(capsys):
    call_command("shift_clock", "1.5", reason="A trial")
    (step,) = ClockShift.objects.all()
    assert step.ahead_by == timedelta(hours=36)
    assert capsys.readouterr().out.startswith("The portal's clock shows ")
