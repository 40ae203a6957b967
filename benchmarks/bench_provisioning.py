"""How long from a committed activation to its order, how many orders a second, and after an outage.

    python benchmarks/bench_provisioning.py --idle 200 --orders 2000 --outage 72000

With real workers and a real simulator as processes of their own, on a database of its own of the
embedded server, which is removed afterwards. `--outage` orders are accepted while the charging
system is down (an hour at 20 a second is 72,000; they are written as fast as they can be, and the
workers run meanwhile as they would). Prints the table for RESULTS.md.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["KLIKON_MODE"] = "demonstration"
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

from benchmarks.activation import databases  # noqa: E402
from benchmarks.activation.questions import PACKAGE, World  # noqa: E402
from superfamilja.embedded_postgres import server  # noqa: E402

CONTRACTS = 50_000
CONCURRENCY = 8
QUIET = {"LOG_LEVEL": "ERROR", "DATABASE_POOL_SIZE": str(CONCURRENCY)}


class Measurement:
    """One database, one simulator, and workers as they are needed."""

    def __init__(self, url: str, environment: dict[str, str]) -> None:
        self.url, self.environment = url, environment
        self.world, self.turn = World(CONTRACTS), 0

    def activate(self) -> tuple[str, float]:
        """Activate through the verb; return the reference, and when it was committed."""
        from django.utils import timezone  # noqa: PLC0415 - after django.setup

        from klikon.activation.activate import activate  # noqa: PLC0415
        from klikon.models import Channel  # noqa: PLC0415

        self.turn += 1
        done = activate(
            leader=self.world.leader(self.turn),
            member=self.world.member(self.turn),
            package=PACKAGE,
            at=timezone.now(),
            channel=Channel.IVR,
            client="bench",
            key=str(uuid.uuid4()),
        )
        return done.reference, time.time()

    def given(self) -> dict[str, float]:
        """Return reference → when it was given, of every package.

        A package given twice is an error.
        """
        with urllib.request.urlopen(f"{self.url}/packages", timeout=60) as answer:  # noqa: S310
            rows = json.load(answer)
        found = {r["reference"]: datetime.fromisoformat(r["given_at"]).timestamp() for r in rows}
        if len(found) != len(rows):
            raise SystemExit("A package was given twice.")
        return found

    def behave(self, mode: str) -> None:
        body = json.dumps({"mode": mode}).encode()
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/control", method="PUT", data=body
        )
        urllib.request.urlopen(request, timeout=5).close()  # noqa: S310

    @contextmanager
    def workers(self, number: int) -> Iterator[None]:
        """Run that many workers inside the block."""
        with ExitStack() as running:
            for _number in range(number):
                command = [sys.executable, "manage.py", "worker", f"--concurrency={CONCURRENCY}"]
                running.enter_context(process(command, self.environment))
            yield

    def wait_for(self, references: set[str]) -> dict[str, float]:
        wait_until(lambda: references <= self.given().keys())
        return {reference: at for reference, at in self.given().items() if reference in references}

    def idle(self, number: int) -> list[float]:
        """Return the seconds from commit to package, one after the other on an idle queue."""
        with self.workers(1):
            self.wait_for({self.activate()[0]})  # shows that the worker is there
            committed = {}
            for _order in range(number):
                reference, at = self.activate()
                committed[reference] = at
                time.sleep(0.1)
            given = self.wait_for(set(committed))
        return [given[reference] - at for reference, at in committed.items()]

    def rate(self, number: int, workers: int) -> float:
        """Return the orders a second of a waiting queue, from the first package to the last."""
        waiting = {self.activate()[0] for _order in range(number)}
        with self.workers(workers):
            given = sorted(self.wait_for(waiting).values())
        return (len(given) - 1) / (given[-1] - given[0])

    def outage(self, number: int, workers: int) -> float:
        """Return the seconds until everything that was accepted during an outage is delivered."""
        self.behave("down")
        with self.workers(workers):
            waiting = {self.activate()[0] for _order in range(number)}
            self.behave("fine")
            back = time.time()
            return max(self.wait_for(waiting).values()) - back


@contextmanager
def process(command: list[str], environment: dict[str, str], **more: Any) -> Iterator[Any]:
    running = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **more)
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


def wait_until(done: Callable[[], bool], seconds: float = 3600) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("It takes too long.")
        time.sleep(0.5)


def main() -> None:
    """Make the world, measure, print, remove."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=200)
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--outage", type=int, default=72_000)
    arguments = parser.parse_args()
    server.ensure_started(databases.DATA_DIR)
    database = databases.name_of("provisioning")
    try:
        databases.make_world(database, CONTRACTS)
        with tempfile.TemporaryDirectory(prefix="klikon-bench-") as place:
            measure(database, Path(place), arguments)
    finally:
        databases.drop(database)


def measure(database: str, place: Path, arguments: argparse.Namespace) -> None:
    environment = {**os.environ, **QUIET, "DATABASE_URL": databases.url_of(database)}
    simulator = [
        sys.executable,
        "manage.py",
        "charging_simulator",
        "--port",
        "0",
        "--store",
        str(place / "charging.sqlite3"),
    ]
    with process(simulator, environment, stdout=subprocess.PIPE) as running:
        url = running.stdout.readline().strip()
        environment["CHARGING_URL"] = url
        os.environ |= {"DATABASE_URL": environment["DATABASE_URL"], "CHARGING_URL": url}
        import django  # noqa: PLC0415

        django.setup()
        show(Measurement(url, environment), arguments)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def show(measurement: Measurement, arguments: argparse.Namespace) -> None:
    idle = sorted(measurement.idle(arguments.idle))
    p95 = idle[int(len(idle) * 0.95) - 1]
    rates = [measurement.rate(arguments.orders, workers) for workers in (1, 2)]
    outage = measurement.outage(arguments.outage, 2)
    say(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"load average at the end {os.getloadavg()[0]:.1f}.\n"
    )
    say("| what | measured |\n|---|---|")
    say(
        f"| commit to package, idle queue, {len(idle)} orders: median "
        f"| {statistics.median(idle) * 1000:.0f} ms |"
    )
    say(f"| p95 (under a second) | {p95 * 1000:.0f} ms |")
    for workers, rate in zip((1, 2), rates, strict=True):
        say(f"| {arguments.orders} waiting orders, workers: {workers} | {rate:.0f} a second |")
    say(
        f"| {arguments.outage} orders accepted while it was down: delivered, each once, "
        f"after | {outage:.0f} s ({arguments.outage / outage:.0f} a second) |"
    )


if __name__ == "__main__":
    main()
