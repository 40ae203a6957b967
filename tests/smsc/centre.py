"""The tests' hand on their SMS centre, which runs in a process of its own."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.smsc.pdus import Submitted
from tests.smsc.reading import whole

ROOT = Path(__file__).parents[2]


class Centre:
    def __init__(self, port: int, control: int) -> None:
        self.port = port
        self._control = socket.create_connection(("127.0.0.1", control), timeout=30)
        self._file = self._control.makefile("rw")

    def _ask(self, do: str, **more: Any) -> Any:
        self._file.write(json.dumps({"do": do, **more}) + "\n")
        self._file.flush()
        return json.loads(self._file.readline())

    def behave(self, **ways: Any) -> None:
        """How it behaves from now on (tests.smsc.server.Ways)."""
        self._ask("behave", **ways)

    def forget(self) -> None:
        """Begin anew."""
        self._ask("forget")

    def taken(self) -> list[Submitted]:
        """Every part that it took over, in order."""
        return [
            Submitted(
                **{
                    **row,
                    "octets": bytes.fromhex(row["octets"]),
                    "tlvs": {int(tag): bytes.fromhex(v) for tag, v in row["tlvs"].items()},
                }
            )
            for row in self._ask("taken")
        ]

    def count(self) -> int:
        return int(self._ask("count"))

    def shown(self) -> dict[str, list[str]]:
        """What each phone shows (number without plus)."""
        return whole(self.taken())

    def seen(self) -> dict[str, int]:
        return dict(self._ask("seen"))

    def release(self) -> None:
        self._ask("release")

    def drop(self) -> None:
        self._ask("drop")

    def say(self, source: str, text: str) -> None:
        self._ask("say", source=source, text=text)

    def receipt(self, source: str, said: str) -> None:
        self._ask("receipt", source=source, said=said)

    def raw(self, octets: bytes) -> None:
        self._ask("raw", octets=octets.hex())

    def close(self) -> None:
        self._file.close()
        self._control.close()


@contextmanager
def running(port: int = 0) -> Iterator[Centre]:
    """A centre; it ends on the way out."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.smsc.server", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        one = Centre(*map(int, process.stdout.readline().split()))
        yield one
        one.close()
    finally:
        process.kill()
        process.wait()
