"""Play Asterisk's side of FastAGI by its documented protocol: variables, then answers."""

import asyncio
import re
from dataclasses import dataclass, field

SECRET = "a-secret-of-the-tests"


@dataclass
class Asterisk:
    """A channel whose caller presses `keys`; `.` lets time pass.

    After `hangs_up_after` commands the caller hangs up; `garbage` is the answer to that command.
    """

    port: int
    keys: str = ""
    number: str = "+355670000001"
    secret: str = SECRET
    call_id: str = "1764140000.1"
    hangs_up_after: int | None = None
    garbage: tuple[int, bytes] | None = None
    slow: float = 0.0  # seconds between the pieces of what it sends
    care: bool = False
    hello: bytes | None = None  # in place of its own lines
    commands: list[str] = field(default_factory=list)

    async def call(self) -> list[str]:
        """Run the call; return the commands that this channel received."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await self._send(writer, self.hello or self._hello())
            await self._answer_all(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
        return self.commands

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send; a slow line breaks the text at any place."""
        size = 40 if self.slow else len(data)
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
            await writer.drain()
            await asyncio.sleep(self.slow)

    def _hello(self) -> bytes:
        return (
            "agi_network: yes\nagi_request: agi://127.0.0.1/130\nagi_channel: PJSIP/carrier-1\n"
            f"agi_uniqueid: {self.call_id}\nagi_callerid: 130\nagi_arg_1: {self.secret}\n"
            f"agi_arg_2: {self.number}\nagi_arg_3: {'care' if self.care else ''}\n\n"
        ).encode()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode().strip():
            self.commands.append(line)
            if len(self.commands) == self.hangs_up_after:
                return
            garbled = self.garbage and len(self.commands) == self.garbage[0]
            await self._send(writer, self.garbage[1] if garbled else self._answer(line))
            if line == "HANGUP":
                return

    def _answer(self, command: str) -> bytes:
        if command.startswith("STREAM FILE"):
            allowed = re.findall(r'"([^"]*)"', command)[1]
            code = 0
            if self.keys and self.keys[0] in allowed:
                code = ord(self._next())
            return f"200 result={code} endpos=8000\n".encode()
        if command.startswith("WAIT FOR DIGIT"):
            key = self._next() if self.keys else "."
            return f"200 result={0 if key == '.' else ord(key)}\n".encode()
        return b"200 result=1\n"

    def _next(self) -> str:
        key, self.keys = self.keys[0], self.keys[1:]
        return key
