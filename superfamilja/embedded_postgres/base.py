"""Django's PostgreSQL backend, for a server that may have to be started first."""

from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from superfamilja.data.bounded_postgres import base as bounded
from superfamilja.embedded_postgres import server


class StartingConnection(bounded.BoundedConnection):
    """A connection of the pool: a server that is gone is started, at the first try.

    Without this the pool would wait, try again ever more rarely, and give up after 30 s.
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
    """The embedded server is up before the first connection, and after it was killed."""

    @property
    def pool(self) -> Any:
        options = self.settings_dict["OPTIONS"].get("pool")
        if isinstance(options, dict) and "connection_class" not in options:
            # The directory travels with the class: what connects must be plain for all others,
            # procrastinate's worker among them.
            data_dir = Path(self.settings_dict["EMBEDDED_DIR"])
            options["connection_class"] = type(
                "StartingConnection", (StartingConnection,), {"data_dir": data_dir}
            )
        return super().pool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            # Asked only after a failure, so that a living server costs nothing.
            server.ensure_started(Path(self.settings_dict["EMBEDDED_DIR"]))
            return super().get_new_connection(conn_params)


DatabaseWrapper = EmbeddedDatabase  # the name by which Django finds a backend
