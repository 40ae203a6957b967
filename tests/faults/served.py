"""Run the portal's web server as a process, and a counter that sends it forms over the wire."""

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.faults.conftest import environment

_TOKEN = "a" * 32


@dataclass(frozen=True)
class Answer:
    content: bytes


class Wire:
    """The part of Django's test client that a counter needs, over HTTP."""

    def __init__(self, url: str, client: Client) -> None:
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        cookies["csrftoken"] = _TOKEN
        self.url = url
        self.headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}

    def get(self, path: str) -> Answer:
        return self._ask(urllib.request.Request(self.url + path, headers=self.headers))  # noqa: S310

    def post(self, path: str, typed: dict[str, Any], *, follow: bool = True) -> Answer:
        body = encode_multipart(BOUNDARY, {**typed, "csrfmiddlewaretoken": _TOKEN})
        headers = {**self.headers, "Content-Type": MULTIPART_CONTENT}
        return self._ask(urllib.request.Request(self.url + path, body, headers))  # noqa: S310

    def _ask(self, request: urllib.request.Request) -> Answer:
        answer: HTTPResponse
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own server
            return Answer(answer.read())


class Server:
    """The server's address; it can be killed."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str, directory: Path) -> None:
        self.process, self.url, self.directory = process, url, directory

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def wait_until_it_stops(self) -> None:
        """Wait until a request has reached the moment at which this server stops."""
        deadline = monotonic() + 60
        while not list(self.directory.glob("here-*")):
            assert monotonic() < deadline, "nobody came to the moment"
            sleep(0.02)


@contextmanager
def served(directory: Path, moment: str = "") -> Iterator[Server]:
    """Serve on the tests' database; requests stop at `moment` (tests/faults/paused.py)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.faults.paused",
            moment,
            str(directory),
            "runserver",
            "--noreload",
            "--skip-checks",
            here,
        ],
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment(""), "UPLOADS_DIR": str(settings.UPLOADS_DIR)},
    )
    server = Server(process, f"http://{here}", directory)
    try:
        deadline = monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert monotonic() < deadline, "the web server did not come up"
            sleep(0.05)
        yield server
    finally:
        server.kill()
