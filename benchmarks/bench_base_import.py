"""How dear is the subscriber file's import, beside a bare COPY of the same rows?

    python benchmarks/bench_base_import.py --contracts 1000000 --pairs 5

Each pair, in turn first and second: the whole process `manage.py import_base` into an empty
base, the same file again, and COPY of the rows that came out of it into the same tables with
the same indexes, constraints and triggers. Works in databases of its own on the embedded
server, and removes them. Prints a table for RESULTS.md.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("KLIKON_MODE", "demonstration")
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

from superfamilja.embedded_postgres import server  # noqa: E402

DATA_DIR = ROOT / "var" / "postgres"
TABLES = ("groups_contract", "groups_group", "groups_membership")
_CHUNK = 1 << 18


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    server.ensure_started(DATA_DIR)
    with tempfile.TemporaryDirectory(prefix="klikon-bench-") as place:
        Measurement(Path(place), arguments.contracts, arguments.pairs).run()


class Measurement:
    """The pairs of one run and their databases."""

    def __init__(self, place: Path, contracts: int, pairs: int) -> None:
        self.file = place / "base.csv"
        self.place, self.contracts, self.pairs = place, contracts, pairs
        self.template = f"bench_{os.getpid()}_empty"
        self.database = f"bench_{os.getpid()}"
        self.seconds: dict[str, list[float]] = {"import": [], "again": [], "copy": []}
        self.memory_mb = 0.0

    def run(self) -> None:
        """Measure and print; drop the databases at the end, whatever happens."""
        try:
            self._admin(f"CREATE DATABASE {self.template} OWNER {server.ROLE}")
            self._manage(self.template, "migrate", "-v0")
            self._manage(
                self.template,
                "make_base",
                "--contracts",
                str(self.contracts),
                "--seed",
                "1",
                "--to",
                str(self.file),
            )
            self._fresh()
            self._manage(self.database, "import_base", str(self.file))
            rows = self._save_rows()
            for pair in range(self.pairs):
                acts = [self._import, self._copy]
                for act in acts if pair % 2 == 0 else reversed(acts):
                    self._fresh()
                    act()
                self._say(f"pair {pair + 1}: {self._last()}")
            self._table(rows)
        finally:
            for name in (self.database, self.template):
                self._admin(f"DROP DATABASE IF EXISTS {name} (FORCE)")

    def _import(self) -> None:
        self.seconds["import"].append(self._manage(self.database, "import_base", str(self.file)))
        self._admin("CHECKPOINT")
        self.seconds["again"].append(self._manage(self.database, "import_base", str(self.file)))

    def _copy(self) -> None:
        started = time.perf_counter()
        with self._connect(self.database) as connection, connection.cursor() as cursor:
            for table in TABLES:
                with (
                    (self.place / table).open("rb") as file,
                    cursor.copy(f"COPY {table} FROM STDIN") as copy,
                ):
                    while piece := file.read(_CHUNK):
                        copy.write(piece)
        self.seconds["copy"].append(time.perf_counter() - started)

    def _save_rows(self) -> dict[str, int]:
        counts = {}
        with self._connect(self.database) as connection, connection.cursor() as cursor:
            for table in TABLES:
                with (
                    (self.place / table).open("wb") as file,
                    cursor.copy(f"COPY {table} TO STDOUT") as copy,
                ):
                    for piece in copy:
                        file.write(piece)
                counts[table] = cursor.rowcount
        return counts

    def _fresh(self) -> None:
        self._admin(f"DROP DATABASE IF EXISTS {self.database} (FORCE)")
        self._admin(f"CREATE DATABASE {self.database} TEMPLATE {self.template} OWNER {server.ROLE}")
        self._admin("CHECKPOINT")

    def _manage(self, database: str, *command: str) -> float:
        """Run manage.py as its own process; return its seconds, and keep its largest memory."""
        url = f"postgres://{server.ROLE}@/{database}?host={server.socket_dir(DATA_DIR)}"
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        errors = process.stderr.read() if process.stderr else ""
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"manage.py {command[0]} failed:\n{errors}")
        if command[0] == "import_base":
            self.memory_mb = max(self.memory_mb, usage.ru_maxrss / 1024)
        return time.perf_counter() - started

    def _connect(self, database: str, user: str = server.ROLE) -> psycopg.Connection:
        return psycopg.connect(host=str(server.socket_dir(DATA_DIR)), user=user, dbname=database)

    def _admin(self, sql: str) -> None:
        with psycopg.connect(
            host=str(server.socket_dir(DATA_DIR)),
            user="postgres",
            dbname="postgres",
            autocommit=True,
        ) as connection:
            connection.execute(sql)

    def _last(self) -> str:
        return ", ".join(f"{name} {values[-1]:.1f} s" for name, values in self.seconds.items())

    def _table(self, rows: dict[str, int]) -> None:
        first, copy, again = (self.seconds[name] for name in ("import", "copy", "again"))
        dearer = [a / b for a, b in zip(first, copy, strict=True)]
        repeat = [a / b for a, b in zip(again, first, strict=True)]
        self._say(f"""
## Subscriber base

`python benchmarks/bench_base_import.py --contracts {self.contracts} --pairs {self.pairs}`
on {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, embedded
PostgreSQL. {rows["groups_contract"]} contracts, {rows["groups_group"]} groups,
{rows["groups_membership"]} memberships; load average at the end {os.getloadavg()[0]:.1f}.

| what | median | lowest to highest |
|---|---|---|
| bare COPY into the final tables | {_spread(copy, " s")} |
| `import_base` into an empty base | {_spread(first, " s")} |
| the same file again | {_spread(again, " s")} |
| import ÷ bare COPY (at most 3) | {_spread(dearer, "")} |
| again ÷ first import (at most 1.0) | {_spread(repeat, "")} |
| largest memory of the importing process (under 300 MB) | {self.memory_mb:.0f} MB | |
""")

    def _say(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _spread(values: list[float], unit: str) -> str:
    digits = 1 if unit else 2
    return (
        f"{statistics.median(values):.{digits}f}{unit} | "
        f"{min(values):.{digits}f} to {max(values):.{digits}f}{unit}"
    )


if __name__ == "__main__":
    main()
