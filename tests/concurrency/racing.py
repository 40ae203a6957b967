"""Run acts in real threads at one instant, each on its own connection to PostgreSQL."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
def meeting_after(where: str, parties: int = 2) -> Iterator[None]:
    """Make that many threads wait for each other just after the named function has returned.

    The window that a guard has to close is held open: without the guard all meet there and the
    race happens every time; with it the others cannot come, the wait ends, and all go on.
    """
    owner_path, name = where.rsplit(".", 1)
    owner = import_module(owner_path)
    real = getattr(owner, name)
    barrier = Barrier(parties)

    def meet(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=0.5)
        return result

    with mock.patch.object(owner, name, meet):
        yield
