"""Set the time limits that PostgreSQL enforces, for each kind of process.

Commands (imports, migrations) have no limit on a statement, because a person watches them. Threads
that serve calls to 130 have a limit of their own (klikon/ivr/answering.py).
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection

Bounds = Mapping[str, int]  # PostgreSQL's setting → milliseconds

# A person waits. The limit is below the request's own (WEB_DATABASE_SECONDS), so that the server
# can still say why.
WEB: Bounds = {
    "statement_timeout": 1_500,
    "lock_timeout": 1_000,
    "idle_in_transaction_session_timeout": 5_000,
}
# The worker closes a month of a million entries in about a minute.
WORKER: Bounds = {
    "statement_timeout": 900_000,
    "lock_timeout": 60_000,
    "idle_in_transaction_session_timeout": 60_000,
}
# For the web only: the wait for a connection, and for the acknowledgement of sent data.
WEB_CONNECT_SECONDS = 2
WEB_TCP_USER_TIMEOUT = 2_000  # milliseconds
# The pool's default doubles its pauses: it would stay away for minutes after the database is back.
WEB_POOL = {"timeout": 1.5, "reconnect_timeout": 2.0}


def bound_web() -> None:
    """Set the limits of a web server's process."""
    ours = _bound(WEB)
    ours.update(connect_timeout=WEB_CONNECT_SECONDS, tcp_user_timeout=WEB_TCP_USER_TIMEOUT)
    if isinstance(ours.get("pool"), dict):
        ours["pool"].update(WEB_POOL)


def bound_worker() -> None:
    """Set the limits of a worker's process."""
    _bound(WORKER)


def _bound(bounds: Bounds) -> dict[str, Any]:
    """Limit every connection that this process opens from now on, in any thread."""
    ours: dict[str, Any] = connection.settings_dict["OPTIONS"]
    said = " ".join(f"-c {name}={value}" for name, value in bounds.items())
    ours["options"] = f"{ours.get('options', '')} {said}".strip()
    return ours
