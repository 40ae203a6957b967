"""Decide in every process whether this database may sell, send and bill.

The first process that sees a foreign database writes a halt into it; from then on triggers refuse
every process (epoch/migrations). A look is one statement and one small file. It happens at the
start, at each new connection, and every few seconds.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import Any
from uuid import uuid4
from weakref import WeakSet

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils.module_loading import import_string

from superfamilja.audit import acts
from superfamilja.clock import portal_clock
from superfamilja.data.advisory_locks import EPOCH_LOCK
from superfamilja.data.database import required
from superfamilja.data.patience import counted, seconds_left
from superfamilja.epoch import inside as database
from superfamilja.epoch import judging, outside
from superfamilja.epoch.inside import Inside
from superfamilja.epoch.models import Epoch, Halt, HaltReason, Mark
from superfamilja.epoch.outside import Outside, UnreadableError
from superfamilja.epoch.refusals import SQLSTATE, Halted

LOOK_EVERY = 2.0  # seconds
MARK_EVERY = 5.0  # seconds; the timeline shows what is lost within them
MARKS_KEPT = 100_000
# Facts that only this process knows; they are not written into the database.
NOT_MIGRATED, STANDBY, UNREADABLE = "not_migrated", "standby", "unreadable"

log = logging.getLogger(__name__)


class _Known:
    """What this process saw last: `why` the database stands still, or None."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.looking = False
        self.looked_at = float("-inf")
        self.why: str | None = None
        self.connections: WeakSet[Any] = WeakSet()


_known = _Known()


def why_halted() -> str | None:
    """Return why the portal may not sell, send or bill now, as a code; None when it may."""
    if settings.EPOCH_FILE is None:
        return None
    if monotonic() - _known.looked_at >= LOOK_EVERY:
        look()
    return _known.why


def require_open() -> None:
    """Raise Halted when the portal may not sell, send or bill."""
    if why_halted() is not None:
        raise Halted


def said_by_the_database(error: BaseException | None) -> bool:
    """Return whether the database's own triggers refused, because another process noticed first."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    return getattr(cause, "sqlstate", None) == SQLSTATE


@contextmanager
def only_while_open() -> Iterator[None]:
    """Wrap code that sells: raise Halted when this process or the database refuses."""
    require_open()
    try:
        yield
    except DatabaseError as error:
        if not said_by_the_database(error):
            raise
        _known.looked_at = float("-inf")
        raise Halted from error


def look_at_a_new_connection(**_what: Any) -> None:
    """Look first at a new connection, because a restore ends the connections of before."""
    raw = connection.connection
    if settings.EPOCH_FILE is None or raw is None or raw in _known.connections:
        return
    _known.connections.add(raw)
    look()


def look_again(**_what: Any) -> None:
    """Forget the last look after a migration, because the tables have changed."""
    _known.looked_at = float("-inf")


def look() -> str | None:
    """Compare the database with its mark outside; write a halt, begin, or make the next mark.

    Return why it stands still. Other threads wait for a running look; the connection that the look
    opens causes no second one. Within a transaction there is no look, because its writes must
    survive a rollback.
    """
    place = settings.EPOCH_FILE
    if place is None or connection.in_atomic_block:
        return _known.why
    with _the_only_one_who_looks():
        if _known.looking:
            return _known.why
        _known.looking = True
        try:
            was, _known.why = _known.why, _look(place)
        finally:
            _known.looking = False
        _known.looked_at = monotonic()
    if _known.why != was:
        _tell(_known.why)
    return _known.why


def _tell(why: str | None) -> None:
    if why == NOT_MIGRATED:
        # Every upgrade passes here: `migrate` itself opens the first connection.
        log.warning("Klik-ON sells, tells and bills again once this is done: manage.py migrate")
    elif why:
        log.critical("Klik-ON sells, tells and bills nothing (%s): manage.py after_restore", why)


@contextmanager
def _the_only_one_who_looks() -> Iterator[None]:
    """Wait for a running look no longer than this request may wait for the database.

    Without the limit, requests to a silent database would queue behind each other. Raise
    OperationalError.
    """
    left = seconds_left()
    with counted():
        is_mine = _known.lock.acquire(timeout=-1 if left is None else left)
    if not is_mine:
        raise OperationalError("another request still looks whether the database was restored")
    try:
        yield
    finally:
        _known.lock.release()


def _look(place: Path) -> str | None:
    try:
        known = outside.read(place)
        said = database.ask(known.mark if known else 0)
        if said is None:  # without tables nothing is sold; with a mark the tables existed before
            return NOT_MIGRATED if known else None
        if said.halt or said.standby:
            return said.halt or STANDBY
        return _compare(said, known, place)
    except UnreadableError as error:
        log.error("The mark of the database: %s", error)
        return UNREADABLE


def _compare(said: Inside, known: Outside | None, place: Path) -> str | None:
    if why := _disagreement(said, known):
        return _halt(why, said, known)
    if said.epoch is None:
        return _begin(place)
    if known is None or _went_on(said, known) or outside.age(place) >= MARK_EVERY:
        make_mark(said, known, place)
    return None


def _disagreement(said: Inside, known: Outside | None) -> HaltReason | None:
    """Return the disagreement; without a mark outside, decide by the database alone.

    A demonstration without a mark may go on.
    """
    if known is None:
        if _is_a_demonstration(said.mode) or not _in_use():
            return None
        return HaltReason.NO_MARK if said.epoch else HaltReason.NEVER_BEGUN
    if _went_on(said, known):
        return None
    if said.epoch is None and settings.DEMONSTRATION and not _in_use():
        return None  # somebody removed the folder of a demonstration's database
    return judging.disagreement(said, known, failover_loses_nothing=settings.FAILOVER_LOSES_NOTHING)


def _went_on(said: Inside, known: Outside) -> bool:
    return judging.went_on(said, known, failover_loses_nothing=settings.FAILOVER_LOSES_NOTHING)


def _is_a_demonstration(mode: str | None) -> bool:
    return bool(settings.DEMONSTRATION and mode in (None, "demonstration"))


def _in_use() -> bool:
    """Ask the rooms above whether anything was sold here."""
    return bool(import_string(settings.DATABASE_IN_USE_PROVIDER)())


def _begin(place: Path) -> str | None:
    """Begin the first epoch of a demonstration, or of a database in which nothing was sold."""
    with transaction.atomic():
        _alone()
        if not Epoch.objects.exists():
            begin_epoch(outside_before="")
    said = required(database.ask(0))  # it answered a moment ago
    known = outside.read(place)
    if said.halt is None and (known is None or known.epoch != said.epoch):
        make_mark(said, known, place)
    return said.halt


def begin_epoch(*, outside_before: str) -> Epoch:
    """Write the row of a new epoch in the caller's transaction."""
    epoch = Epoch.objects.create(
        token=uuid4().hex,
        previous=Epoch.objects.order_by("-pk").first(),
        mode=settings.MODE,
        outside_before=outside_before,
        begun_at=portal_clock.now(),
    )
    database.keep_birth(epoch.pk)
    return epoch


def make_mark(said: Inside, known: Outside | None, place: Path) -> None:
    """Write a mark inside and, when it is on the disk, the same one outside."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on")
        mark = Mark.objects.create(token=uuid4().hex, written_at=portal_clock.now())
        if mark.pk % 1000 == 0:
            Mark.objects.filter(pk__lt=mark.pk - MARKS_KEPT).delete()
    outside.write(place, said.outside(mark.pk, mark.token), follows=known)


def _halt(why: HaltReason, said: Inside, known: Outside | None) -> str:
    """Write the halt for all processes, unless another one did so at the same moment."""
    details = {
        "inside": {**said.outside().as_json(), "epochs_before": said.epochs_before},
        "outside": known.as_json() if known else None,
    }
    with transaction.atomic():
        _alone()
        if standing := Halt.objects.filter(ended_at=None).first():
            return standing.why
        now = portal_clock.now()
        Halt.objects.create(noticed_at=now, why=why, details=details, last_message=_newest_sms())
        acts.record("halt_database", actor=None, at=now, reason=str(why.label), why=why.value)
    return why


def _newest_sms() -> int:
    """Return the number of the newest SMS, 0 without any.

    A setting names the function, because the outbox imports this module.
    """
    return int(import_string(settings.NEWEST_SMS_PROVIDER)())


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [EPOCH_LOCK])
