"""Run the portal's own web server in front of a database that may fail, and send requests."""

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

HARD_LIMIT = 30.0  # seconds, after which an answer counts as missing
TOKEN = "a" * 32
# The mark of the tests' database, because the portal of this machine has its own in var/.
_MARKS = tempfile.TemporaryDirectory()


@dataclass(frozen=True)
class Answer:
    """What a browser gets."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of its form, as a browser would send them."""
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.text)
        return dict(found)


class Portal:
    """The portal's address, as one browser uses it."""

    def __init__(self, port: int, client: Client) -> None:
        self._port = port
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        cookies["csrftoken"] = TOKEN
        self._cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def get(self, path: str, accept: str = "text/html") -> Answer:
        return self._ask("GET", path, accept, None)

    def post(self, path: str, typed: dict[str, str], accept: str = "text/html") -> Answer:
        return self._ask("POST", path, accept, {"csrfmiddlewaretoken": TOKEN, **typed})

    def _ask(self, method: str, path: str, accept: str, typed: dict[str, str] | None) -> Answer:
        there = HTTPConnection("127.0.0.1", self._port, timeout=HARD_LIMIT)
        headers = {"Accept": accept, "Cookie": self._cookies}
        if typed is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = monotonic()
        there.request(method, path, urlencode(typed) if typed is not None else None, headers)
        answer = there.getresponse()
        text = answer.read().decode()
        there.close()
        return Answer(
            answer.status,
            {name.lower(): value for name, value in answer.headers.items()},
            text,
            monotonic() - began,
        )


@contextmanager
def portal(database_url: str, client: Client, **settings_of_its_own: str) -> Iterator[Portal]:
    """Serve as `make run` does: granian, a pool, the time limits of the web."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "superfamilja.launcher.serve"],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "superfamilja.settings",
            "KLIKON_MODE": "demonstration",
            "DATABASE_URL": database_url,
            "PORT": str(port),
            "WEB_THREADS": "4",
            "WEB_WORKERS": "1",
            "LOG_LEVEL": "CRITICAL",
            "EPOCH_FILE": str(Path(_MARKS.name) / "epoch.json"),
            **settings_of_its_own,
        },
    )
    try:
        deadline = monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert monotonic() < deadline, "the web server did not come up"
            sleep(0.05)
        yield Portal(port, client)
    finally:
        process.terminate()
        process.wait(20)
