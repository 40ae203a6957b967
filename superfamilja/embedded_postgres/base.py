"""Django's PostgreSQL backend, for a server that may have to be started first."""

from pathlib import Path
from typing import Any, Self

import psycopg
from django.db.backends.postgresql import base as postgresql

from superfamilja.embedded_postgres import server


class StartingConnection(psycopg.Connection[Any]):
    """A connection of the pool: a server that is gone is started, at the first try.

    Without this the pool would wait, try again ever more rarely, and give up after 30 s.
    """

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        data_dir = Path(kwargs.pop("embedded_dir"))
        try:
            return super().connect(conninfo, **kwargs)
        except psycopg.OperationalError:
            server.ensure_started(data_dir)
            return super().connect(conninfo, **kwargs)


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """The embedded server is up before the first connection, and after it was killed."""

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        # Taken out again by whoever connects; this way the pool hands it on as well.
        parameters["embedded_dir"] = self.settings_dict["EMBEDDED_DIR"]
        return parameters

    @property
    def pool(self) -> Any:
        options = self.settings_dict["OPTIONS"].get("pool")
        if isinstance(options, dict):
            options.setdefault("connection_class", StartingConnection)
        return super().pool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        plain = {name: value for name, value in conn_params.items() if name != "embedded_dir"}
        try:
            return super().get_new_connection(plain)
        except psycopg.OperationalError:
            # Asked only after a failure, so that a living server costs nothing.
            server.ensure_started(Path(self.settings_dict["EMBEDDED_DIR"]))
            return super().get_new_connection(plain)
