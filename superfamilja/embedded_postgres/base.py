"""Django's PostgreSQL backend for a server that it starts when needed."""

from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from superfamilja.data.bounded_postgres import base as bounded
from superfamilja.embedded_postgres import server


class StartingConnection(bounded.BoundedConnection):
    """A connection of the pool that starts a missing server at the first try.

    Otherwise the pool would wait, try again at growing intervals, and give up after 30 s.
    """

    data_dir: ClassVar[Path]

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        try:
            return super().connect(conninfo, **kwargs)
        except psycopg.OperationalError:
            server.ensure_started(cls.data_dir)
            return super().connect(conninfo, **kwargs)


class EmbeddedDatabase(bounded.BoundedDatabase):
    """Django's backend that starts the embedded server when a connection finds it missing."""

    @property
    def pool(self) -> Any:
        options = self.settings_dict["OPTIONS"].get("pool")
        if isinstance(options, dict) and "connection_class" not in options:
            # The class carries the directory, because procrastinate's worker rejects parameters of
            # our own.
            data_dir = Path(self.settings_dict["EMBEDDED_DIR"])
            options["connection_class"] = type(
                "StartingConnection", (StartingConnection,), {"data_dir": data_dir}
            )
        return super().pool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            # Checked only after a failure, so that a living server costs no query.
            server.ensure_started(Path(self.settings_dict["EMBEDDED_DIR"]))
            return super().get_new_connection(conn_params)


DatabaseWrapper = EmbeddedDatabase  # the name by which Django finds a backend
