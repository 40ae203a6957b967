"""How dear are closing a month and its file, beside the barest statement that writes as much?

    python benchmarks/bench_close_month.py --entries 1000000 --pairs 5

N entries with 3N charges and their activations; one entry in a hundred has a charge that is still
held. Each pair, in turn first and second, in a fresh copy of the same database:

- `close_month` against one UPDATE of the column that it writes, on every entry of the month,
- `export_month` against COPY TO of the same columns, by the same query, into a file.

What is timed is the act and its commit, without starting Python. Works in databases of its own on
the embedded server, and removes them. Prints a table for RESULTS.md.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("KLIKON_MODE", "demonstration")
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

from superfamilja.embedded_postgres import server  # noqa: E402

DATA_DIR = ROOT / "var" / "postgres"
MONTH = date(2026, 1, 1)
AFTER = datetime(2026, 2, 1, 9, tzinfo=UTC)
HELD_EVERY = 100

# The product's rows, made without its triggers and checks to save time.
SEED = [
    "SET session_replication_role = replica",
    "SELECT setseed(0.5)",
    """
    INSERT INTO groups_contract (id, number, fixed_number, status, owner_nid, owner_name,
                                 contact_msisdn, contact_email, service_address, store_code)
    SELECT n, 'FX' || lpad(n::text, 7, '0'), '+355' || (42000000 + n), 'active', 'J12345678A',
           'Drita Dardha', '+355' || (690000000 + n), '', 'Rruga e Provës 1', ''
    FROM generate_series(1, %(entries)s) n
    """,
    """
    INSERT INTO groups_group (id, contract_id, opened_on)
    SELECT id, id, '2025-01-10' FROM groups_contract
    """,
    """
    INSERT INTO groups_membership (id, group_id, msisdn, name, plan, seat, joined_on)
    SELECT id, id, '+355' || (670000000 + id), 'Elira', 'standard_prepaid', 1, '2025-01-10'
    FROM groups_contract
    """,
    """
    INSERT INTO klikon_package (id, code, family, name, list_price_lek, validity_days, benefits_sq,
                                benefits_en, on_sale_from, sms_code)
    VALUES (1, 'S700', 'super', 'Super 700', 700, 28, '', '', '2020-01-01', '')
    """,
    """
    INSERT INTO billing_billentry (id, contract_id, month, spent, ceiling)
    SELECT id, id, %(month)s, 1500, 6500 FROM groups_contract ORDER BY random()
    """,
    """
    INSERT INTO billing_charge (id, contract_id, entry_id, month, amount_lek, reference, text,
                                state, accepted_at, spent_after, limit_then, outcome_at)
    SELECT n, c, c, %(month)s, 500, 'T-' || n, 'Super 700: Elira',
           CASE WHEN n %% (3 * %(held_every)s) = 0 THEN 'held' ELSE 'settled' END,
           %(month)s::timestamptz + n * interval '1 ms', 1500, 6500,
           CASE WHEN n %% (3 * %(held_every)s) > 0 THEN %(month)s::timestamptz END
    FROM generate_series(1, 3 * %(entries)s) n, LATERAL (SELECT (n - 1) %% %(entries)s + 1) x (c)
    """,
    """
    INSERT INTO klikon_activation (id, contract_id, group_id, charge_id, reference, leader_id,
        member_id, package_id, package_code, list_price_lek, discount_lek, charged_lek, month,
        accepted_at, spent_after, room_left, terms_id, promotions_set_aside, repeat_confirmed,
        channel, reason, client, key, content_hash)
    SELECT id, contract_id, contract_id, id, reference, contract_id, contract_id, 1, 'S700', 700,
           200, 500, month, accepted_at, 1500, 5000, (SELECT min(id) FROM groups_termsversion),
           '[]', false, 'ivr', '', 'bench', id::text, ''
    FROM billing_charge
    """,
]


def main() -> None:
    """Parse, measure, print. With --act this process is the measured one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--act", choices=sorted(ACTS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.act:
        measured(ACTS[arguments.act])
        return
    server.ensure_started(DATA_DIR)
    Measurement(arguments.entries, arguments.pairs).run()


# --- the measured process: one act in a database that is ready for it ---------------------------
def measured(act: Callable[[], None]) -> None:
    import django  # noqa: PLC0415 - only this process needs it

    django.setup()
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    started = time.perf_counter()
    act()
    seconds = time.perf_counter() - started
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{seconds} {memory_mb}\n")


def people() -> None:
    from superfamilja.accounts.models import User  # noqa: PLC0415

    for username in ("closes", "approves"):
        User.objects.create_user(username, is_staff=True)


def close() -> None:
    from billing.month.closing import close_month  # noqa: PLC0415
    from superfamilja.accounts.models import User  # noqa: PLC0415

    closed = close_month(month=MONTH, at=AFTER, actor=User.objects.get(username="closes"))
    assert closed.figures.parked == 0  # noqa: S101
    assert closed.figures.carried_out > 0  # noqa: S101


def update() -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_billentry SET carried_out = 500 WHERE month = %s", [MONTH])


def export() -> None:
    from billing.month.export import export_month  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        exported = export_month(MONTH, Path(folder), at=AFTER)
    assert not exported.is_draft  # noqa: S101


def copy_to() -> None:
    from django.db import connection, transaction  # noqa: PLC0415

    from billing.month.export import _lines  # noqa: PLC0415
    from billing.month.next_file import ALL_BUT_PARKED  # noqa: PLC0415
    from superfamilja.data.database import large_statements  # noqa: PLC0415

    sql, values = _lines(MONTH, ALL_BUT_PARKED, [])
    with transaction.atomic():
        large_statements()
        _copy(connection, sql, values)


def _copy(connection: Any, sql: str, values: dict[str, Any]) -> None:
    with (
        tempfile.TemporaryFile() as file,
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", values) as copy,
    ):
        for row in copy:
            file.write(row)


ACTS = {"people": people, "close": close, "update": update, "export": export, "copy": copy_to}


# --- the measuring process ----------------------------------------------------------------------
class Measurement:
    """The pairs of one run and their databases."""

    def __init__(self, entries: int, pairs: int) -> None:
        self.entries, self.pairs = entries, pairs
        self.open, self.approved, self.database = (
            f"bench_month_{os.getpid()}_{what}" for what in ("open", "approved", "now")
        )
        self.seconds: dict[str, list[float]] = {name: [] for name in ACTS}
        self.memory_mb: dict[str, float] = dict.fromkeys(ACTS, 0.0)

    def run(self) -> None:
        """Measure and print; drop the databases at the end, whatever happens."""
        try:
            self._prepare()
            for pair in range(self.pairs):
                for template, acts in (
                    (self.open, ["close", "update"]),
                    (self.approved, ["export", "copy"]),
                ):
                    for act in acts if pair % 2 == 0 else reversed(acts):
                        self._fresh(template)
                        self._measure(act, self.database)
                self._say(f"pair {pair + 1}: {self._last()}")
            self._table()
        finally:
            for name in (self.database, self.approved, self.open):
                self._admin(f"DROP DATABASE IF EXISTS {name} (FORCE)")

    def _prepare(self) -> None:
        """Make one database whose month is open, and one in which it is closed and approved."""
        self._admin(f"CREATE DATABASE {self.open} OWNER {server.ROLE}")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self._url(self.open)},
            check=True,
        )
        self._measure("people", self.open)
        values = {"entries": self.entries, "month": MONTH, "held_every": HELD_EVERY}
        with self._connect(self.open, "postgres") as connection:
            for sql in SEED:
                psycopg.ClientCursor(connection).execute(sql, values)
        self._vacuum(self.open)
        self._copy_database(self.open, self.approved)
        self._measure("close", self.approved)
        for values_before in self.seconds.values():
            values_before.clear()
        with self._connect(self.approved) as connection:
            connection.execute(
                "UPDATE billing_billmonth SET state = 'approved', approved_at = now(), "
                "approved_by_id = (SELECT id FROM accounts_user WHERE username = 'approves')"
            )
        self._vacuum(self.approved)

    def _fresh(self, template: str) -> None:
        self._admin(f"DROP DATABASE IF EXISTS {self.database} (FORCE)")
        self._copy_database(template, self.database)
        self._admin("CHECKPOINT")

    def _copy_database(self, template: str, to: str) -> None:
        self._admin(
            f"CREATE DATABASE {to} TEMPLATE {template} STRATEGY FILE_COPY OWNER {server.ROLE}"
        )

    def _measure(self, act: str, database: str) -> None:
        done = subprocess.run(
            [sys.executable, __file__, "--act", act],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self._url(database)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seconds, memory_mb = map(float, done.stdout.split())
        self.seconds[act].append(seconds)
        self.memory_mb[act] = max(self.memory_mb[act], memory_mb)

    def _vacuum(self, database: str) -> None:
        with self._connect(database, "postgres", autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def _url(self, database: str) -> str:
        return f"postgres://{server.ROLE}@/{database}?host={server.socket_dir(DATA_DIR)}"

    def _connect(
        self, database: str, user: str = server.ROLE, *, autocommit: bool = False
    ) -> psycopg.Connection:
        host = str(server.socket_dir(DATA_DIR))
        return psycopg.connect(host=host, user=user, dbname=database, autocommit=autocommit)

    def _admin(self, sql: str) -> None:
        with self._connect("postgres", "postgres", autocommit=True) as connection:
            connection.execute(sql)

    def _last(self) -> str:
        return ", ".join(
            f"{name} {values[-1]:.2f} s" for name, values in self.seconds.items() if values
        )

    def _table(self) -> None:
        closing = _ratios(self.seconds["close"], self.seconds["update"])
        exporting = _ratios(self.seconds["export"], self.seconds["copy"])
        largest = max(self.memory_mb["close"], self.memory_mb["export"])
        self._say(f"""
## Closing a month and its file

`python benchmarks/bench_close_month.py --entries {self.entries} --pairs {self.pairs}`
on {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, embedded
PostgreSQL. {self.entries} entries, {3 * self.entries} charges, {self.entries // HELD_EVERY} of them
held; load average at the end {os.getloadavg()[0]:.1f}.

| what | median | lowest to highest |
|---|---|---|
| one UPDATE of `carried_out` on every entry | {_spread(self.seconds["update"], " s")} |
| `close_month` | {_spread(self.seconds["close"], " s")} |
| COPY TO of the file's columns | {_spread(self.seconds["copy"], " s")} |
| `export_month`, checksum and kept copy included | {_spread(self.seconds["export"], " s")} |
| close ÷ UPDATE (at most 1.5) | {_spread(closing, "")} |
| export ÷ COPY TO (at most 2) | {_spread(exporting, "")} |
| largest memory of the process (under 300 MB) | {largest:.0f} MB | |
""")

    def _say(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _ratios(ours: list[float], bare: list[float]) -> list[float]:
    return [a / b for a, b in zip(ours, bare, strict=True)]


def _spread(values: list[float], unit: str) -> str:
    return f"{statistics.median(values):.2f}{unit} | {min(values):.2f} to {max(values):.2f}{unit}"


if __name__ == "__main__":
    main()
