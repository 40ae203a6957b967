"""What PostgreSQL itself ends for us, by the kind of process that is connected.

Commands (imports, migrations) have no bound on a statement: a person watches them. The call to 130
has its own for the threads of its calls (klikon/ivr/answering.py).
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection

Bounds = Mapping[str, int]  # PostgreSQL's setting → milliseconds

# A person waits: below the request's patience (WEB_DATABASE_SECONDS), so that the server says why.
WEB: Bounds = {
    "statement_timeout": 1_500,
    "lock_timeout": 1_000,
    "idle_in_transaction_session_timeout": 5_000,
}
# Closes a month of a million entries, in about a minute.
WORKER: Bounds = {
    "statement_timeout": 900_000,
    "lock_timeout": 60_000,
    "idle_in_transaction_session_timeout": 60_000,
}
# Of the web alone: to connect, to see that what was sent does not arrive, to get a connection.
WEB_CONNECT_SECONDS = 2
WEB_TCP_USER_TIMEOUT = 2_000  # milliseconds
# A pool that tries again ever more rarely would stay away for minutes after the database is back.
WEB_POOL = {"timeout": 1.5, "reconnect_timeout": 2.0}


def bound_web() -> None:
    """The bounds of a web server's process."""
    ours = _bound(WEB)
    ours.update(connect_timeout=WEB_CONNECT_SECONDS, tcp_user_timeout=WEB_TCP_USER_TIMEOUT)
    if isinstance(ours.get("pool"), dict):
        ours["pool"].update(WEB_POOL)


def bound_worker() -> None:
    """The bounds of a worker's process."""
    _bound(WORKER)


def _bound(bounds: Bounds) -> dict[str, Any]:
    """Bound every connection that this process makes from now on, in any thread."""
    ours: dict[str, Any] = connection.settings_dict["OPTIONS"]
    said = " ".join(f"-c {name}={value}" for name, value in bounds.items())
    ours["options"] = f"{ours.get('options', '')} {said}".strip()
    return ours
