"""Asterisk's side of FastAGI, from its documented protocol: variables, then answers to commands."""

import asyncio
import re
from dataclasses import dataclass, field

SECRET = "a-secret-of-the-tests"


@dataclass
class Asterisk:
    """A channel whose caller presses `keys`; `.` lets time pass. After `hangs_up_after` commands he
    is gone; `garbage` is answered to that command."""

    port: int
    keys: str = ""
    number: str = "+355670000001"
    secret: str = SECRET
    call_id: str = "1764140000.1"
    hangs_up_after: int | None = None
    garbage: tuple[int, bytes] | None = None
    slow: float = 0.0
    commands: list[str] = field(default_factory=list)

    async def call(self) -> list[str]:
        """The commands that were asked of this channel."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in self._hello():
                writer.write(piece)
                await asyncio.sleep(self.slow)
            await self._answer_all(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
        return self.commands

    def _hello(self) -> list[bytes]:
        lines = (
            "agi_network: yes\nagi_request: agi://127.0.0.1/130\nagi_channel: PJSIP/carrier-1\n"
            f"agi_uniqueid: {self.call_id}\nagi_callerid: 130\nagi_arg_1: {self.secret}\n"
            f"agi_arg_2: {self.number}\nagi_arg_3: \n\n"
        ).encode()
        if not self.slow:
            return [lines]
        return [lines[i : i + 40] for i in range(0, len(lines), 40)]  # wherever it happens to break

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode().strip():
            self.commands.append(line)
            if len(self.commands) == self.hangs_up_after:
                return
            if self.garbage and len(self.commands) == self.garbage[0]:
                writer.write(self.garbage[1])
            else:
                writer.write(self._answer(line))
            await writer.drain()
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
