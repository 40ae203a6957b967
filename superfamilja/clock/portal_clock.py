"""The one clock at the edges: the database's, and not that of the machine that asks (R37).

Several machines serve one portal, and their clocks differ. A machine therefore measures how far
the database's clock is ahead of its own, and adds that to its own. The measure costs two
statements now and then, so that a page does not ask the database for the time.
"""

from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

# How old a measure may be. It bounds how long a step of a demonstration's clock goes unnoticed.
MEASURED_FOR = 30.0  # seconds
# A machine's clock that was set by more than this is measured anew at once.
_STEP = 0.5  # seconds


class _Measure(NamedTuple):
    ahead: timedelta  # the database's clock minus this machine's
    machine: float  # this machine's clock minus `at`, in seconds: it changes when somebody sets it
    at: float  # by the machine's monotonic clock


_last: _Measure | None = None


def now() -> datetime:
    """Return the moment by the portal's clock, with its zone. Asks the database now and then."""
    return timezone.now() + _ahead()


def ask() -> datetime:
    """Return the moment as the database says it. Two statements each time.

    Tables that are not migrated yet have no steps and no function. Their clock is the database's
    own, because the first look at an epoch comes before the migrations.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('portal_now') IS NOT NULL")
        (is_migrated,) = cursor.fetchone()
        cursor.execute(f"SELECT {'portal_now' if is_migrated else 'clock_timestamp'}()")
        (said,) = cursor.fetchone()
    moment: datetime = said
    return moment


def measure_again() -> None:
    """Forget the measure: the next reading asks the database."""
    global _last  # noqa: PLW0603 - one clock a process
    _last = None


def _ahead() -> timedelta:
    global _last  # noqa: PLW0603 - one clock a process
    known = _last
    # In a transaction that has failed the database answers no question.
    if known and (connection.needs_rollback or _still_holds(known)):
        return known.ahead
    _last = measured = _measure()
    return measured.ahead


def _still_holds(known: _Measure) -> bool:
    at = monotonic()
    was_set = abs(timezone.now().timestamp() - at - known.machine) > _STEP
    return at - known.at < MEASURED_FOR and not was_set


def _measure() -> _Measure:
    before = timezone.now()
    said = ask()
    after, at = timezone.now(), monotonic()
    return _Measure(said - (before + (after - before) / 2), after.timestamp() - at, at)
