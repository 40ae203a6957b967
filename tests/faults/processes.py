"""Run an act in a process of its own, on a chosen database. The process may die on the way."""

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from django.db import OperationalError, connection
from procrastinate.exceptions import ConnectorException

from superfamilja.refusal import Refusal

LOST = 3  # exit code of a process whose database went away

Database = dict[str, Any]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.faults.ready"])


@dataclass(frozen=True)
class Ended:
    """How a process ended, and its answer before that: the result, or a refusal's code."""

    exitcode: int | None
    answer: Any = None


def ours() -> Database:
    """Return the database that this test process uses."""
    return {name: connection.settings_dict[name] for name in ("NAME", "USER", "HOST", "PORT")}


def elsewhere(act: Callable[[], Any], database: Database) -> Ended:
    """Run `act` elsewhere and wait; it is a module's own function or a partial of one."""
    reading, writing = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_run, args=(act, database, writing))
    process.start()
    writing.close()
    with reading:
        try:
            answer = reading.recv()
        except EOFError:  # it died before it could answer
            answer = None
    process.join(60)
    return Ended(process.exitcode, answer)


def _run(act: Callable[[], Any], database: Database, out: Connection) -> None:
    connection.settings_dict.update(database)
    try:
        out.send(act())
    except Refusal as refusal:
        out.send(refusal.code)
    except (OperationalError, ConnectorException):
        raise SystemExit(LOST) from None
