"""Name points between two statements of an act at which its process can be struck.

They are all those of an activation, and the phases of a month. The statements' own text finds them,
so that production code has no hook. A point is named after the statement that would come next.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from django.db import connection

# Name → text that only this statement contains. COMMIT and the answer are no statements of ours.
STATEMENTS = {
    "payer's contract": 'FROM "groups_contract" WHERE "groups_contract"."id" = %s',
    "contact held": 'FROM "groups_contacthold"',
    "locks": "FOR SHARE OF g",
    "facts": "AS always_one_row",
    "what still fits": 'FROM "klikon_package"',
    "refusal": 'INSERT INTO "klikon_refusedactivation"',
    "waiting": 'INSERT INTO "klikon_waitingrequest"',
    "outcome": 'UPDATE "klikon_waitingrequest"',
    "what was asked": 'FROM "klikon_waitingrequest"',
    "stops since": 'FROM "klikon_leaderfreeze"',
    "entry and charge": "INSERT INTO billing_charge",
    "member's sum": "AS c(id)",
    "savepoint's end": "RELEASE SAVEPOINT",
    "savepoint": "SAVEPOINT",
    "messages": "INSERT INTO outbox_outgoingmessage",
    "job": "procrastinate_defer_job",
    "activation": 'INSERT INTO "klikon_activation"',
    "month's lock": "SELECT pg_advisory_xact_lock(",
    "carry": "INSERT INTO billing_carriedcharge",
    "check": "INSERT INTO billing_parkedentry",
    "totals": "AS charged_lek",
    "month's row": 'INSERT INTO "billing_billmonth"',
    "act": 'INSERT INTO "audit_act"',
    "issued file": 'INSERT INTO "billing_issuedfile"',
    "issued part": 'INSERT INTO "billing_issuedpart"',
}
COMMIT, UNDER_WAY, ANSWER = "commit", "commit under way", "answer"
END = [COMMIT, UNDER_WAY, ANSWER]

# The steps of an activation in order; a limited one counts the member's own limit (R27).
PLAIN = ["locks", "facts", "entry and charge", "messages", "job", "activation"]
LIMITED = [
    "locks",
    "facts",
    "savepoint",
    "entry and charge",
    "member's sum",
    "savepoint's end",
    "messages",
    "job",
    "activation",
]
REFUSED = ["locks", "facts", "what still fits", "refusal"]
# A request that waits for the payer, and their yes (R28).
WAITING = ["locks", "facts", "waiting", "what was asked", "messages"]
APPROVED = [
    "payer's contract",
    "contact held",
    "stops since",
    "locks",
    "facts",
    "what was asked",
    "stops since",
    "stops since",
    "entry and charge",
    "messages",
    "job",
    "activation",
    "what was asked",
    "act",
    "outcome",
]

Strike = Callable[[], None]


def name_of(sql: str) -> str:
    """Return the name of this statement, or the statement itself when it has none."""
    return next((name for name, text in STATEMENTS.items() if text in sql), sql)


@contextmanager
def struck_at(point: str, strike: Strike) -> Iterator[None]:
    """Call `strike` inside the block when this connection reaches the named point."""

    def before(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if name_of(sql) == point:
            strike()
        return execute(sql, params, many, context)

    commit = connection._commit

    def committing() -> None:
        if point == COMMIT:
            strike()
        if point == UNDER_WAY:
            # The command was sent; nobody will hear the answer.
            connection.connection.pgconn.send_query(b"COMMIT")
            connection.connection.pgconn.flush()
            strike()
        commit()
        if point == ANSWER:
            strike()

    connection._commit = committing  # type: ignore[method-assign]
    with connection.execute_wrapper(before):
        yield


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def postmaster(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "postmaster.pid").read_text().split("\n")[0]))


def kill_postgres(data_dir: Path) -> None:
    """Kill the whole server with kill -9, so that no process ends cleanly."""
    server = postmaster(data_dir)
    for process in [server, *server.children(recursive=True)]:
        process.kill()
