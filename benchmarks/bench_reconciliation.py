"""How dear is a comparison of the books, beside one scan of the tables that it reads?

    python benchmarks/bench_reconciliation.py --entries 1000000 --pairs 5

N contracts with 3N charges, activations and orders, one charge in a hundred held, and N SMS. A
hundred orders differ from their charges. Each pair, in turn first and second, in the same database:

- the comparison as the worker makes it (its differences are there from the first one on),
- one plain scan of each table that it reads.

The charging system's list is empty here: it comes over the network, page by page. Works in a
database of its own on the embedded server, and removes it. Prints a table for RESULTS.md.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))
os.environ.setdefault("KLIKON_MODE", "demonstration")
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

from bench_close_month import DATA_DIR, HELD_EVERY, MONTH, SEED  # noqa: E402

from superfamilja.embedded_postgres import server  # noqa: E402

AT = datetime(2026, 2, 1, 9, tzinfo=UTC)
TABLES = (
    "billing_charge",
    "billing_billentry",
    "billing_reversal",
    "billing_credit",
    "billing_carriedcharge",
    "billing_parkedentry",
    "billing_answeredline",
    "klikon_activation",
    "provisioning_order",
    "outbox_outgoingmessage",
)
APART = 100
MORE = [
    """
    INSERT INTO provisioning_order (reference, state, ordered_at, next_at, attempt, maybe_sent,
                                    tries, asks, forgotten)
    SELECT reference, CASE WHEN state = 'settled' THEN 'done' ELSE 'unknown' END, accepted_at,
           CASE WHEN state = 'held' THEN accepted_at END, 1, false, 0, 0, 0
    FROM billing_charge
    """,
    """
    UPDATE provisioning_order SET state = 'failed' WHERE id IN (
        SELECT id FROM provisioning_order WHERE state = 'done' ORDER BY id LIMIT %(apart)s)
    """,
    """
    INSERT INTO outbox_outgoingmessage (recipient, template, language, parameters, why, about,
        contract_number, written_at, due_at, next_attempt_at, state, text, segments, sent_at,
        attempts, last_error)
    SELECT '+355' || (690000000 + n), 'activation_receipt', 'sq', '{}', 'bench', n::text, '',
           %(month)s, %(month)s, %(month)s, 'sent', '', 1, %(month)s, 1, ''
    FROM generate_series(1, %(entries)s) n
    """,
]


def main() -> None:
    """Parse, measure, print. With --act this is the measured process itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--act", choices=sorted(ACTS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.act:
        measured(ACTS[arguments.act])
        return
    server.ensure_started(DATA_DIR)
    run(arguments.entries, arguments.pairs)


# --- the measured process ------------------------------------------------------------------------
def measured(act: Callable[[], None]) -> None:
    import django  # noqa: PLC0415 - only this process needs it

    django.setup()
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    started = time.perf_counter()
    act()
    sys.stdout.write(f"{time.perf_counter() - started}\n")


def compare() -> None:
    from billing.models import Reconciliation  # noqa: PLC0415
    from billing.reconciliation import comparing  # noqa: PLC0415
    from klikon.provisioning.line import listing  # noqa: PLC0415

    listing.orders_since = lambda since: listing.TheirOrders({}, AT)
    done = comparing.carry_out(Reconciliation.objects.create(asked_at=AT), AT)
    assert done is not None  # noqa: S101
    assert done.open >= APART  # noqa: S101


def scan() -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*), sum(id) FROM {table}")  # noqa: S608


ACTS = {"compare": compare, "scan": scan}


# --- the measuring process -----------------------------------------------------------------------
def run(entries: int, pairs: int) -> None:
    """Measure and print; the database goes in the end, whatever happens."""
    database = f"bench_books_{os.getpid()}"
    seconds: dict[str, list[float]] = {name: [] for name in ACTS}
    try:
        _prepare(database, entries)
        _measure("compare", database)  # the first one writes the differences
        for pair in range(pairs):
            for act in ("compare", "scan") if pair % 2 == 0 else ("scan", "compare"):
                seconds[act].append(_measure(act, database))
        _table(entries, pairs, seconds)
    finally:
        _admin(f"DROP DATABASE IF EXISTS {database} (FORCE)")


def _prepare(database: str, entries: int) -> None:
    _admin(f"CREATE DATABASE {database} OWNER {server.ROLE}")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": _url(database)},
        check=True,
    )
    values = {"entries": entries, "month": MONTH, "held_every": HELD_EVERY, "apart": APART}
    with _connect(database) as connection:
        for sql in (*SEED, *MORE):
            psycopg.ClientCursor(connection).execute(sql, values)
    with _connect(database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _measure(act: str, database: str) -> float:
    done = subprocess.run(
        [sys.executable, __file__, "--act", act],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": _url(database)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def _table(entries: int, pairs: int, seconds: dict[str, list[float]]) -> None:
    ratios = [a / b for a, b in zip(seconds["compare"], seconds["scan"], strict=True)]
    sys.stdout.write(f"""
## Comparing the books

`python benchmarks/bench_reconciliation.py --entries {entries} --pairs {pairs}`
on {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, embedded
PostgreSQL. {entries} contracts, {3 * entries} charges, activations and orders, {entries} SMS;
load average at the end {os.getloadavg()[0]:.1f}.

| what | median | lowest to highest |
|---|---|---|
| one scan of each table | {_spread(seconds["scan"], " s")} |
| the comparison | {_spread(seconds["compare"], " s")} |
| comparison ÷ scan (at most 5) | {_spread(ratios, "")} |
""")


def _spread(values: list[float], unit: str) -> str:
    return f"{statistics.median(values):.2f}{unit} | {min(values):.2f} to {max(values):.2f}{unit}"


def _url(database: str) -> str:
    return f"postgres://{server.ROLE}@/{database}?host={server.socket_dir(DATA_DIR)}"


def _connect(database: str, *, autocommit: bool = False) -> psycopg.Connection:
    host = str(server.socket_dir(DATA_DIR))
    return psycopg.connect(host=host, user="postgres", dbname=database, autocommit=autocommit)


def _admin(sql: str) -> None:
    with _connect("postgres", autocommit=True) as connection:
        connection.execute(sql)


if __name__ == "__main__":
    main()
