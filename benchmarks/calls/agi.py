"""Play Asterisk's side of FastAGI: a channel for each call, with prompts in real time."""

import asyncio
import re
import wave
from functools import cache
from itertools import count
from typing import Any

from benchmarks.calls.callers import EAGER, THINKS, Seen, run

SECRET = "a-secret-of-the-benchmark"  # noqa: S105
_STREAM = re.compile(r'STREAM FILE "([^"]*)" "([^"]*)"')
_NUMBERS = count(1)


class Channel:
    """One call; it answers each command when Asterisk would."""

    def __init__(self, keys: str, *, eager: bool, seen: Seen) -> None:
        self.keys, self.eager, self.seen = keys, eager, seen

    async def answer(self, command: str) -> str:
        self.seen.answered()
        if stream := _STREAM.match(command):
            return await self._play(stream[1], stream[2])
        if command.startswith("WAIT FOR DIGIT"):
            await asyncio.sleep(THINKS)
            key = self._next()
            self.seen.press()
            return f"200 result={key}\n"
        return "200 result=1\n"

    async def _play(self, name: str, stops_at: str) -> str:
        takes = _seconds(f"{name}.wav")
        if self.eager and stops_at and takes > EAGER:
            self.eager = False
            await asyncio.sleep(EAGER)
            key = self._next()
            self.seen.press()
            return f"200 result={key} endpos=8000\n"
        await asyncio.sleep(takes)
        return "200 result=0 endpos=8000\n"

    def _next(self) -> int:
        key, self.keys = self.keys[:1], self.keys[1:]
        return ord(key) if key else -1  # hung up


@cache
def _seconds(path: str) -> float:
    with wave.open(path) as file:
        return file.getnframes() / file.getframerate()


async def one_call(port: int, call: dict[str, Any], seen: Seen) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    channel = Channel(call["keys"], eager=call["eager"], seen=seen)
    writer.write(
        f"agi_network: yes\nagi_request: agi://127.0.0.1/130\nagi_channel: PJSIP/carrier-1\n"
        f"agi_uniqueid: bench-{next(_NUMBERS)}-{call['number']}\nagi_arg_1: {SECRET}\n"
        f"agi_arg_2: {call['number']}\nagi_arg_3: \n\n".encode()
    )
    while command := (await reader.readline()).decode().strip():
        writer.write((await channel.answer(command)).encode())
        if command == "HANGUP":
            break
    writer.close()


if __name__ == "__main__":
    run(one_call)
