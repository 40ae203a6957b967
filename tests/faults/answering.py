"""Run 130 as a process of its own that can be killed, and call it by telephone."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings as ours

from klikon.demonstration.phone.softphone import Softphone
from tests.faults.conftest import environment, wait_until
from tests.klikon.ivr.loop import run
from tests.klikon.ivr.telephone import keys_and_stay

Doing = Callable[[Softphone], Awaitable[None]]


class Answering:
    """Where it listens, and how to end it."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, directory: Path) -> None:
        self._process, self._port, self._directory = process, port, directory

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def call(self, number: str, doing: Doing) -> Softphone:
        """Call once from this number; the telephone is gone afterwards."""
        phone = Softphone(number, ("127.0.0.1", self._port))

        async def all_of_it() -> None:
            await phone.open()
            try:
                await phone.register()
                await doing(phone)
            finally:
                phone.close()

        run(all_of_it())
        return phone

    async def yes_and_stop(self, phone: Softphone) -> None:
        """Press the usual keys up to the yes, until 130 reaches its moment after it."""
        await keys_and_stay(phone, "21")
        phone.press("1")
        await asyncio.to_thread(wait_until, lambda: list(self._directory.glob("here-*")))

    def go_on(self) -> None:
        (self._directory / "go").touch()


@contextmanager
def answering(directory: Path, *, moment: str = "", database: str = "") -> Iterator[Answering]:
    """Run 130 inside the block; it stops at the moment, if one is named (paused.py)."""
    directory.mkdir()
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    first = 46000 + 400 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.paused", moment, str(directory), "answer_130"],
        cwd=ours.BASE_DIR,
        text=True,
        stdout=subprocess.PIPE,
        env={
            **environment(""),
            **({"DATABASE_URL": database} if database else {}),
            "IVR_SOUNDS_DIR": str(ours.IVR_SOUNDS_DIR),
            "IVR_SIP_PORT": str(port),
            "IVR_SIP_RTP_PORTS": f"{first},{first + 400}",
        },
    )
    try:
        assert process.stdout is not None
        assert "130" in process.stdout.readline()
        yield Answering(process, port, directory)
    finally:
        process.kill()
        process.wait()
