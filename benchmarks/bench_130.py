"""130 under load: twenty calls at once on its own SIP line, fifty and a hundred over FastAGI.

    python benchmarks/bench_130.py --sip 20 --fastagi 50 100

The server is a process of its own, as in production; the callers are another one. All of them
call within a second, hear their prompts at the speed of speech, and activate. What stands in the
database afterwards is checked: the right member, the right price, once each, no cap passed. Works
in a database of its own on the embedded server and removes it. Prints the table for RESULTS.md.
"""

import argparse
import json
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.activation import databases  # noqa: E402
from benchmarks.activation.questions import World  # noqa: E402
from benchmarks.calls.agi import SECRET  # noqa: E402
from benchmarks.calls.families import Families  # noqa: E402
from superfamilja.embedded_postgres import server  # noqa: E402

CONTRACTS = 5_000
WITHIN = 1.0  # seconds in which all of them call


@dataclass(frozen=True)
class Way:
    """A way in: the command that answers, the callers' module, and what is measured."""

    name: str
    command: str
    callers: str
    kind: socket.SocketKind


SIP = Way("embedded SIP", "answer_130", "benchmarks.calls.sip", socket.SOCK_DGRAM)
FASTAGI = Way("FastAGI", "answer_fastagi", "benchmarks.calls.agi", socket.SOCK_STREAM)


def main() -> None:
    """Make the world, measure, print, remove."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sip", type=int, nargs="*", default=[20])
    parser.add_argument("--fastagi", type=int, nargs="*", default=[50, 100])
    arguments = parser.parse_args()
    os.environ.setdefault("KLIKON_MODE", "demonstration")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    server.ensure_started(databases.DATA_DIR)
    database = databases.name_of("calls")
    runs = [(SIP, n) for n in arguments.sip] + [(FASTAGI, n) for n in arguments.fastagi]
    try:
        databases.make_world(database, CONTRACTS)
        with tempfile.TemporaryDirectory(prefix="klikon-bench-") as place:
            first, lines = 1, []
            for way, number in runs:
                families = Families(database, World(CONTRACTS), first, number)
                lines.append(measure(way, families, Path(place)))
                first += number
        show(lines)
    finally:
        databases.drop(database)


def measure(way: Way, families: Families, place: Path) -> str:
    families.prepare()
    before = os.getloadavg()[0]
    with answering(way, families.database, place) as (port, process):
        began = cpu(process)
        order = {"port": port, "within": WITHIN, "calls": families.calls()}
        seen = json.loads(
            subprocess.run(
                [sys.executable, "-m", way.callers, json.dumps(order)],
                cwd=ROOT,
                check=True,
                stdout=subprocess.PIPE,
            ).stdout
        )
        wait_until_written(families)
        used = cpu(process) - began
    families.check()
    return line(way, families.number, seen, used / families.number, before)


@contextmanager
def answering(way: Way, database: str, place: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Run the server inside the block, and return where it listens."""
    with socket.socket(type=way.kind) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "KLIKON_MODE": "production",
        "SECRET_KEY": secrets.token_hex(40),
        "ALLOWED_HOSTS": "bench",
        "LOG_LEVEL": "WARNING",
        "DATABASE_URL": databases.url_of(database),
        "IVR_SOUNDS_DIR": str(place / "sounds"),
        "IVR_SIP_PORT": str(port),
        "IVR_SIP_PEERS": "127.0.0.1/32",
        "IVR_SIP_RTP_PORTS": "45000,46000",
        "IVR_FASTAGI_PORT": str(port),
        "IVR_FASTAGI_SECRET": SECRET,
    }
    # The SMS gateway and the charging system take no part here.
    command = [sys.executable, "manage.py", way.command, "--skip-checks"]
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE
    )
    try:
        if not running.stdout.readline():
            raise SystemExit(f"{way.command} did not start.")
        yield port, psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait()


def wait_until_written(families: Families) -> None:
    """Wait, because the register's last row comes a moment after the last caller has hung up."""
    deadline = time.monotonic() + 20
    while families.on_the_line():
        if time.monotonic() > deadline:
            raise SystemExit("Calls are on the line whose callers are gone.")
        time.sleep(0.1)


def cpu(process: psutil.Process) -> float:
    """Return the processor's seconds, including the process of the voice."""
    return sum(
        times.user + times.system
        for times in (one.cpu_times() for one in [process, *process.children(recursive=True)])
    )


def line(way: Way, number: int, seen: dict[str, Any], cpu_a_call: float, load: float) -> str:
    gaps, answers = seen["gaps"], seen["answers"]
    gap = f"{percentile(gaps, 99):.0f} ms, {max(gaps):.0f} ms" if gaps else "–"
    return (
        f"| {way.name}, {number} | {gap} | {statistics.median(answers):.0f} ms "
        f"| {percentile(answers, 95):.0f} ms | {max(answers):.0f} ms | {len(answers)} "
        f"| {cpu_a_call:.2f} s | {statistics.median(seen['lengths']):.0f} s | {load:.1f} |"
    )


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def show(lines: list[str]) -> None:
    sys.stdout.write(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.\n\n"
        "| calls at once | RTP gap, p99 (under 40 ms), longest | key to answer, median "
        "| p95 (at most 300 ms) | longest | keys | CPU a call | a call takes | load before |\n"
        "|---|---|---|---|---|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )


if __name__ == "__main__":
    main()
