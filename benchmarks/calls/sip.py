"""Call 130 over SIP, as a carrier's switch does (benchmarks.calls.callers).

The telephones send sound like any phone, fifty packets a second, and press when it has been quiet.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

from benchmarks.calls.callers import EAGER, THINKS, Seen, run
from klikon.demonstration.phone.softphone import SILENT, Address, Softphone

_FRAME = 0.02
_PATIENCE = 30.0


class Telephone(Softphone):
    """One call that notes when each packet came."""

    def begin(self, seen: Seen) -> None:
        self.seen = seen
        self.last_packet = self.last_sound = 0.0
        self.quiet = SILENT[self.codec] * 160

    async def press_all(self, keys: str, *, eager: bool) -> None:
        """Press each key when it is quiet; an eager caller presses the first during the menu."""
        for number, key in enumerate(keys):
            if eager and not number:
                await asyncio.sleep(EAGER)
            else:
                await self._until_quiet()
                self.seen.press()
            self.press(key)
            await self._until_sound()
            if self.over.is_set():
                return
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), _PATIENCE)
        if not self.over.is_set():
            self.hang_up()

    async def send_sound(self) -> None:
        """Send silence, which is sound to the receiver."""
        at = time.monotonic()
        while not self.over.is_set():
            self._time += 160
            self._send_rtp(self.codec, self.quiet, marker=False)
            at += _FRAME
            await asyncio.sleep(max(0.0, at - time.monotonic()))

    async def _until_quiet(self) -> None:
        while not self.over.is_set() and time.monotonic() - self.last_sound < THINKS:
            await asyncio.sleep(_FRAME)

    async def _until_sound(self) -> None:
        start, pressed = time.monotonic(), self.last_sound
        while not self.over.is_set() and self.last_sound == pressed:
            if time.monotonic() - start > _PATIENCE:
                raise SystemExit("130 says nothing.")
            await asyncio.sleep(_FRAME)

    def _media(self, data: bytes, _address: Address) -> None:
        if len(data) <= 12 or data[1] & 0x7F != self.codec:
            return
        now = time.monotonic()
        if self.last_packet:
            self.seen.gaps.append((now - self.last_packet) * 1000)
        self.last_packet = now
        if data[12:] != self.quiet:
            self.last_sound = now
            self.seen.answered()


async def one_call(port: int, call: dict[str, Any], seen: Seen) -> None:
    phone = Telephone(call["number"], ("127.0.0.1", port), asserts=True)
    phone.begin(seen)
    await phone.open()
    try:
        await phone.dial()
        phone.last_sound = time.monotonic()
        sound = asyncio.create_task(phone.send_sound())
        await phone.press_all(call["keys"], eager=call["eager"])
        await sound
    finally:
        phone.close()


if __name__ == "__main__":
    run(one_call)
