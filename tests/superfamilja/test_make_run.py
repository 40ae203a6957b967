"""`make run` for a newcomer: it serves, stops completely, and starts again after every kill."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from superfamilja.launcher.processes import child

ROOT = Path(__file__).resolve().parents[2]


def test_what_a_killed_child_left_behind_is_ended_too() -> None:
    spawn = (
        "import subprocess, time\n"
        "print(subprocess.Popen(['sleep', '99']).pid, flush=True)\n"
        "time.sleep(99)"
    )
    with child([sys.executable, "-c", spawn], read=True) as process:
        left = psutil.Process(int(process.stdout.readline()))
        process.kill()
        process.wait()
        assert left.is_running()
    assert psutil.wait_procs([left], timeout=5)[1] == []


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def serves(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/staff/sign-in/", timeout=5) as page:
            return page.status == 200
    except OSError:
        return False


def web_servers(port: int) -> list[psutil.Process]:
    """Return the processes of a web server on that port, the first one first."""
    found = (p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"])
    serving = [p for p in found if {"granian", str(port)} <= set(p.info["cmdline"])]
    return sorted(serving, key=lambda process: process.pid)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return the project in a folder of its own, whose PostgreSQL stops without any other."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


@contextmanager
def running(port: int, clone: Path) -> Iterator[subprocess.Popen[bytes]]:
    launched = subprocess.Popen(
        [sys.executable, "-m", "superfamilja.launcher", "run"],
        cwd=clone,
        env={**os.environ, "PORT": str(port), "KLIKON_MODE": "demonstration"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: serves(port) or launched.poll() is not None)
        assert launched.poll() is None
        yield launched
    finally:
        if launched.poll() is None:
            launched.send_signal(signal.SIGINT)
        launched.wait(60)


@pytest.mark.full
def test_the_portal_is_served_stopped_whole_and_there_again_after_a_kill(clone: Path) -> None:
    port = a_free_port()
    with running(port, clone) as launched:
        launched.send_signal(signal.SIGINT)
        assert launched.wait(60) == 0
    assert web_servers(port) == []
    with running(port, clone) as launched:
        web_servers(port)[0].kill()
        assert launched.wait(60) != 0
    assert web_servers(port) == []
    with running(port, clone) as launched:
        assert serves(port)
    assert web_servers(port) == []
