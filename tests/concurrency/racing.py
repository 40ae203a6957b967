"""Run acts in real threads at one instant, each on its own connection to PostgreSQL."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from importlib import import_module
from threading import Barrier, get_ident
from time import monotonic, sleep
from typing import Any
from unittest import mock

from django.db import IntegrityError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from superfamilja.refusal import AnswerInWords, Refusal

DONE = "done"


def race(*acts: Callable[[], Any]) -> Counter[str]:
    """Start all acts together; count how each ended: done, an answer's code, or an error's name."""
    barrier = Barrier(len(acts), timeout=30)

    def run(act: Callable[[], Any]) -> str:
        try:
            connection.ensure_connection()
            barrier.wait()
            given = act()
        except Refusal as refusal:
            return refusal.code
        except IntegrityError as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return given.code if isinstance(given, AnswerInWords) else DONE

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


@contextmanager
def meeting_before(where: str, parties: int = 2) -> Iterator[None]:
    """Make that many threads wait for each other on entering the named function.

    This holds the guarded window open. Without the guard all threads meet there, and the race
    happens every time. With it, the test sees the others wait for its lock, and then all go on.
    """
    arrived: set[int] = set()

    def meet() -> None:
        arrived.add(get_ident())
        _until(lambda waiting: len(arrived) + waiting >= parties)

    with _on_entering(where, meet):
        yield


@contextmanager
def interrupted_by(act: Callable[[], Any], at: str) -> Iterator[Future[Counter[str]]]:
    """When the named function is entered, run `act` in another thread.

    It runs until it ends or waits for a lock. With the guard on, `act` waits until the first thread
    has committed. With it off, `act` gets in between.
    """
    with ThreadPoolExecutor(1) as pool:
        outcome: Future[Counter[str]] = Future()

        def tell(done: Future[Counter[str]]) -> None:
            if error := done.exception():
                outcome.set_exception(error)
            else:
                outcome.set_result(done.result())

        def let_in() -> None:
            if not outcome.running() and not outcome.done():
                outcome.set_running_or_notify_cancel()
                attempt = pool.submit(race, act)
                attempt.add_done_callback(tell)
                _until(lambda waiting: attempt.done() or waiting > 0)

        with _on_entering(at, let_in):
            yield outcome
        if not outcome.running() and not outcome.done():
            raise AssertionError(f"nobody came to {at}")


# Long enough that a short wait for a row or page write does not count.
_WAITING = """
SELECT count(DISTINCT pid) FROM pg_locks
WHERE NOT granted AND locktype <> 'extend' AND waitstart < clock_timestamp() - interval '30 ms'
  AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())
"""


def _until(settled: Callable[[int], bool], patience: float = 20) -> None:
    """Wait until the condition holds for the number of connections that wait for a lock.

    Raise TimeoutError after `patience` seconds: the window did not stay open, so the test proves
    nothing.
    """
    if settled(0):
        return
    deadline = monotonic() + patience
    # A separate connection outside of any transaction, because statistics are frozen within one.
    with closing(connection.copy()) as apart:
        while not settled(_waiting(apart)):
            if monotonic() > deadline:
                raise TimeoutError("nobody else came, and nobody waits for a lock")
            sleep(0.005)


def _waiting(apart: BaseDatabaseWrapper) -> int:
    with apart.cursor() as cursor:
        cursor.execute(_WAITING)
        return int(cursor.fetchone()[0])


@contextmanager
def seeing(look: Callable[[], Any], at: str) -> Iterator[list[Any]]:
    """Collect what `look` returns each time any thread enters the named function."""
    seen: list[Any] = []
    with _on_entering(at, lambda: seen.append(look())):
        yield seen


@contextmanager
def _on_entering(where: str, first: Callable[[], None]) -> Iterator[None]:
    owner_path, name = where.rsplit(".", 1)
    owner = import_module(owner_path)
    real = getattr(owner, name)

    def entered(*args: Any, **kwargs: Any) -> Any:
        first()
        return real(*args, **kwargs)

    with mock.patch.object(owner, name, entered):
        yield


@contextmanager
def without(drop: str, restore: str) -> Iterator[None]:
    """Turn the database's own guard off inside the block, for a negative control."""
    with connection.cursor() as cursor:
        cursor.execute(drop)
        try:
            yield
        finally:
            cursor.execute(restore)
