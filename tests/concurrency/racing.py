"""Run acts in real threads at one instant, each on its own connection to PostgreSQL."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Barrier, BrokenBarrierError
from typing import Any
from unittest import mock

from django.db import IntegrityError, connection, connections

from superfamilja.refusal import Refusal

DONE = "done"


def race(*acts: Callable[[], Any]) -> Counter[str]:
    """Start all acts together; count how each ended: done, a refusal's code, or an error's name."""
    barrier = Barrier(len(acts), timeout=30)

    def run(act: Callable[[], Any]) -> str:
        try:
            connection.ensure_connection()
            barrier.wait()
            act()
        except Refusal as refusal:
            return refusal.code
        except IntegrityError as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return DONE

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


@contextmanager
def meeting_before(where: str, parties: int = 2) -> Iterator[None]:
    """Make that many threads wait for each other on entering the named function.

    The window that a guard has to close is held open: without the guard all meet there and the
    race happens every time; with it the others cannot come, the wait ends, and all go on.
    """
    barrier = Barrier(parties)

    def meet() -> None:
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=1)

    with _on_entering(where, meet):
        yield


@contextmanager
def interrupted_by(
    act: Callable[[], Any], at: str, *, patience: float = 1
) -> Iterator[Future[Counter[str]]]:
    """On entering the named function, somebody else tries `act` and gets a second for it.

    With the guard on he waits until we have committed; with it off he gets in between. A control
    may have more `patience`, since it goes on as soon as he is done.
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
                wait([attempt], timeout=patience)

        with _on_entering(at, let_in):
            yield outcome


@contextmanager
def seeing(look: Callable[[], Any], at: str) -> Iterator[list[Any]]:
    """What `look` gives on each entering of the named function, by whoever enters it."""
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
    """A negative control: the database's own guard is off, and comes back afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(drop)
        try:
            yield
        finally:
            cursor.execute(restore)
