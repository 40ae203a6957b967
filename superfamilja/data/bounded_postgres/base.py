"""Connections that wait no longer than the request may (data/patience.py)."""

from typing import Any, Self

import psycopg
from django.db.backends.postgresql import base as postgresql
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout

from superfamilja.data import patience

_INTERVAL = 0.1  # seconds between checks for Ctrl-C, the same as psycopg's own


class NoAnswerInTime(psycopg.OperationalError):
    """The database did not answer a statement. Nobody knows what it did with it."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when the request may wait no longer."""

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        with patience.counted():
            return super().connect(conninfo, **kwargs)

    def wait(self, gen: PQGen[RV], interval: float = _INTERVAL, timeout: float | None = None) -> RV:
        left = patience.seconds_left()
        if left is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            with patience.counted():
                return super().wait(gen, interval, left)
        except _WaitTimeout:
            # A later answer might belong to this statement, so close. Closing also tells the
            # server.
            self.pgconn.finish()
            raise NoAnswerInTime("the database did not answer in time") from None


class _Bounded:
    """The psycopg module that Django's backend uses, with our way to connect."""

    connect = BoundedConnection.connect

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class BoundedDatabase(postgresql.DatabaseWrapper):
    """Django's backend with our connections, pooled or not."""

    Database = _Bounded()  # type: ignore[assignment]
    connection_class: type[BoundedConnection] = BoundedConnection

    @property
    def pool(self) -> Any:
        options = self.settings_dict["OPTIONS"].get("pool")
        if isinstance(options, dict):
            options.setdefault("connection_class", self.connection_class)
        return super().pool


DatabaseWrapper = BoundedDatabase  # the name by which Django finds a backend
