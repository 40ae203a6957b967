"""Django's PostgreSQL backend, for a server that may have to be started first."""

from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base as postgresql

from superfamilja.embedded_postgres import server


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """The embedded server is up before the first connection, and after it was killed."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        server.ensure_started(Path(self.settings_dict["EMBEDDED_DIR"]))
        return super().get_new_connection(conn_params)
