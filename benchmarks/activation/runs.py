"""One measurement: a number of clients for some seconds on a fresh copy of the world."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.activation import databases
from benchmarks.activation.databases import ROOT
from benchmarks.activation.questions import World
from superfamilja.embedded_postgres import programs, server
from superfamilja.launcher.processes import child

WARM_UP = 2.0
_AFTER_WARM_UP = 50_000  # turns, more than a warm-up can use


@dataclass(frozen=True)
class Figures:
    """The result: how many, in how many seconds, and each latency in microseconds."""

    seconds: float
    latencies: list[int]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def median_ms(self) -> float:
        return statistics.median(self.latencies) / 1000

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.latencies, n=100)[98] / 1000


@dataclass(frozen=True)
class Run:
    """Where, how many clients, for how long; `place` is a folder for its files."""

    database: str
    world: World
    clients: int
    seconds: float
    place: Path

    def verb(self) -> Figures:
        """Measure klikon.activation.activate.activate, each client a process."""
        return self._ask("benchmarks.activation.verb")

    def http(self, view: str) -> Figures:
        """Measure over HTTP, served as by `make run`: `json` is web.py's view, `desk` the
        desk's.
        """
        with _served(self.database) as port:
            return self._ask("benchmarks.activation.http", port=port, view=view)

    def bare(self) -> Figures:
        """Measure pgbench with the same statements, prepared."""
        recorded = json.loads(self._module("benchmarks.activation.script", asdict(self.world)))
        script = self.place / "script.sql"
        script.write_text("\n".join(recorded["script"]) + "\n", encoding="utf-8")
        self._pgbench(script, recorded["values"], WARM_UP, first_turn=0)
        return self._pgbench(script, recorded["values"], self.seconds, first_turn=_AFTER_WARM_UP)

    def _pgbench(self, script: Path, values: list[str], seconds: float, first_turn: int) -> Figures:
        logs = self.place / "log"
        variables = [*values, f"turn={first_turn}", f"clients={self.clients}"]
        done = subprocess.run(
            [
                programs.path_of("pgbench"),
                "-n",
                "-M",
                "prepared",
                "-f",
                str(script),
                "-c",
                str(self.clients),
                "-j",
                str(min(self.clients, 2)),
                "-T",
                f"{seconds:.0f}",
                "-l",
                "--log-prefix",
                str(logs),
                *[f"-D{value}" for value in variables],
                "-h",
                str(server.socket_dir(databases.DATA_DIR)),
                "-U",
                server.ROLE,
                self.database,
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.place,
        )
        if done.returncode:
            raise SystemExit(f"pgbench failed:\n{done.stderr}")
        latencies: list[int] = []
        for log in self.place.glob("log.*"):
            latencies += [int(line.split()[2]) for line in log.read_text().splitlines()]
            log.unlink()
        return Figures(seconds, latencies)

    def _ask(self, module: str, **more: Any) -> Figures:
        asked = {
            **asdict(self.world),
            "clients": self.clients,
            "seconds": self.seconds,
            "warm_up": WARM_UP,
            **more,
        }
        return Figures(self.seconds, json.loads(self._module(module, asked)))

    def _module(self, module: str, asked: dict[str, Any]) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, json.dumps(asked)],
            cwd=ROOT,
            env={**os.environ, **_environment(self.database)},
            check=False,
            text=True,
            stdout=subprocess.PIPE,
        )
        if done.returncode:
            raise SystemExit(f"{module} failed.")
        return done.stdout


def _environment(database: str) -> dict[str, str]:
    return {
        "DATABASE_URL": databases.url_of(database),
        "DJANGO_SETTINGS_MODULE": "benchmarks.activation.web_settings",
    }


@contextmanager
def _served(database: str) -> Iterator[int]:
    """Run the portal's web server on a free port inside the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "superfamilja.launcher.serve"]
    with child(command, {**_environment(database), "PORT": str(port)}) as process:
        deadline = time.monotonic() + 60
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The web server did not start.")
            time.sleep(0.1)
        yield port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
