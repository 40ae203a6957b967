"""Run a simulator and workers as processes of their own, on the tests' database."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.conf import settings as ours
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from klikon.ivr.voice import voices
from klikon.provisioning.models import Line, Order
from superfamilja.embedded_postgres import server
from tests.faults.processes import Database, elsewhere
from tests.klikon.ivr.short_sounds import short_sound

HERE = Path(__file__).parent
# The waits of hours and minutes, shortened to seconds.
IN_SECONDS = {
    "CHARGING_TIMEOUT": "1",
    "PROVISIONING_LEASE": "2",
    "PROVISIONING_FIRST_WAIT": "0.2",
    "PROVISIONING_ASK_AFTER": "0.5,2,4",
    "PROVISIONING_CONFIRM_AFTER": "1",
    "PROVISIONING_PROBE_AFTER": "0.5",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that kill processes as long."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.full)


class World:
    """The simulator's address, and our processes against it."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url, self.directory = url, directory

    def control(self, mode: str, number: str = "", **more: Any) -> None:
        """Set how the simulator behaves: towards everybody, or towards one number."""
        self._talk("PUT", f"control/{number}", {"mode": mode, **more})

    def times_given(self, reference: str) -> int:
        given = self._talk("GET", "packages")
        return sum(row["reference"] == reference for row in given)

    @contextmanager
    def process(self, *command: str, moment: str = "") -> Iterator["subprocess.Popen[bytes]"]:
        """Run a command of ours in a process of its own; kill it at the end if it still runs."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.paused", moment, str(self.directory), *command],
            cwd=ours.BASE_DIR,
            env=environment(self.url),
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def wait_for_stops(self, number: int) -> None:
        """Wait until that many threads have reached the moment."""
        wait_until(lambda: len(list(self.directory.glob("here-*"))) >= number)

    def _talk(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own simulator
            f"{self.url}/{path}", method=method, data=json.dumps(body or {}).encode()
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)


def environment(url: str) -> dict[str, str]:
    database = connection.settings_dict
    return {
        **os.environ,
        **IN_SECONDS,
        "CHARGING_URL": url,
        "DATABASE_URL": f"postgres://portal@/{database['NAME']}?host={database['HOST']}",
    }


def wait_until(done: Any, seconds: float = 60) -> None:
    """Try again and again; fail when it takes too long."""
    deadline = monotonic() + seconds
    while not done():
        assert monotonic() < deadline, list(
            Order.objects.exclude(next_at=None).values_list("pk", "state", "next_at", "attempt")
        )
        sleep(0.05)


def the_line_is_up() -> None:
    Line.objects.update_or_create(
        pk=1, defaults={"failures": 0, "down_since": None, "open_until": None}
    )


@pytest.fixture
def world(live_server: Any, tmp_path: Path, settings: Settings) -> Iterator[World]:
    """Run an idle simulator that calls back the tests' web server, with this test's orders only."""
    settings.PROVISIONING_CONFIRM_AFTER = 1  # the web server accepts callbacks here
    Order.objects.exclude(next_at=None).update(state="person", next_at=None)
    the_line_is_up()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE queue_name = 'provisioning'")
    command = [
        sys.executable,
        "manage.py",
        "charging_simulator",
        "--port",
        "0",
        "--store",
        str(tmp_path / "charging.sqlite3"),
        "--callbacks",
        f"{live_server.url}/callbacks/charging/",
    ]
    process = subprocess.Popen(
        command, cwd=ours.BASE_DIR, stdout=subprocess.PIPE, text=True, env=environment("")
    )
    try:
        assert process.stdout is not None
        yield World(process.stdout.readline().strip(), tmp_path)
    finally:
        process.terminate()
        process.wait()
        the_line_is_up()  # for later tests, whose SMS say when a package arrives


@pytest.fixture
def short_prompts(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set where the prompts of a call are, here and in the process that answers."""
    settings.IVR_SOUNDS_DIR = tmp_path / "sounds"
    monkeypatch.setattr(voices, "speak", short_sound)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("killed") / "pg"
    server.ensure_started(directory)
    yield directory
    server.stop(directory)


@pytest.fixture(scope="module")
def database(data_dir: Path) -> Database:
    """Return the portal's tables in a server that may be killed."""
    # As in production: a commit waits until it is written to disk.
    there = {**server.django_database(data_dir), "OPTIONS": {"prepare_threshold": 1}}
    assert elsewhere(partial(call_command, "migrate", verbosity=0), there).exitcode == 0
    return there
