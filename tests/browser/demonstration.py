"""Run the whole demonstration as `make run` does, on a database of its own.

Database, web server, worker and simulator are each a process of its own.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest
from django.conf import settings
from django.db import connection

HOST = str(settings.DATABASES["default"]["HOST"])
# The waits of minutes, shortened to seconds.
_IN_SECONDS = {
    "CHARGING_TIMEOUT": "8",
    "PROVISIONING_FIRST_WAIT": "0.3",
    "PROVISIONING_CONFIRM_AFTER": "1",
    "PROVISIONING_PROBE_AFTER": "0.5",
}


@dataclass(frozen=True)
class Running:
    """Where it is served, and its database."""

    url: str
    database: str


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[Running]:
    """Run it until the end of the test."""
    with ExitStack() as running:
        database = running.enter_context(_database())
        port = _a_free_port()
        env = {
            **os.environ,
            **_IN_SECONDS,
            "DATABASE_URL": f"postgres://portal@/{database}?host={HOST}",
        }
        subprocess.run(_manage("demo"), cwd=settings.BASE_DIR, env=env, check=True)
        simulator = running.enter_context(
            _process(_manage("charging_simulator", "--port", "0", "--store", f"{tmp_path}/c"), env)
        )
        assert simulator.stdout is not None
        env["CHARGING_URL"] = simulator.stdout.readline().strip()
        running.enter_context(_process(_manage("worker"), env))
        here = f"127.0.0.1:{port}"
        serve = _manage("runserver", "--noreload", "--insecure", here)
        running.enter_context(_process(serve, env, read=False))
        _wait_for(port)
        yield Running(f"http://{here}", database)


def _manage(*command: str) -> list[str]:
    return [sys.executable, "manage.py", *command]


@contextmanager
def _process(
    command: list[str], env: dict[str, str], *, read: bool = True
) -> Iterator["subprocess.Popen[str]"]:
    out = subprocess.PIPE if read else subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=env, text=True, stdout=out, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def _database() -> Iterator[str]:
    """Return a migrated, empty database, and drop it afterwards with everything committed."""
    name = f"demonstration_{os.getpid()}"
    template = connection.settings_dict["TEST"]["TEMPLATE"]
    _admin(f"DROP DATABASE IF EXISTS {name} (FORCE)")
    _admin(f"CREATE DATABASE {name} TEMPLATE {template} OWNER portal")
    try:
        yield name
    finally:
        _admin(f"DROP DATABASE IF EXISTS {name} (FORCE)")


def _admin(sql: str) -> None:
    with psycopg.connect(host=HOST, user="postgres", dbname="postgres", autocommit=True) as server:
        server.execute(sql)


def _a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert monotonic() < deadline, "the web server did not come up"
        sleep(0.1)
