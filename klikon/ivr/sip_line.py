"""A call on our own SIP line: prompts out as RTP, one frame every 20 ms, keys in.

Silence is sent while nothing is played, so that the way back through routers stays open. Keys come
as RFC 4733 events in the media, or by SIP INFO.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiortp.clock import MediaClock
from aiosipua import IncomingCall
from aiosipua.rtp_bridge import CallSession

from klikon.ivr import sounds
from klikon.ivr.carrying import HungUp
from klikon.ivr.turns import Say

FRAME = 0.020  # seconds
_FRAME_BYTES = 320  # 160 samples of 16 bits
_KEYS = "0123456789*#"
_PCMA = 8
# aiortp 0.8.0 has the sign bit of A-law the wrong way round: every wave upside down.
_OTHER_SIGN = bytes(byte ^ 0x80 for byte in range(256))


@dataclass(frozen=True)
class _Played:
    number: int


class SipLine:
    """One answered call."""

    def __init__(self, call: IncomingCall, media: CallSession, pool: ThreadPoolExecutor) -> None:
        self._call, self._media, self._pool = call, media, pool
        self._rtp: Any = media.rtp_session
        self._rtp.on_audio = None  # nobody listens to the caller's voice
        media.on_dtmf = lambda digit, _duration: self.digit(digit)
        self._silence = self._encode(bytes(_FRAME_BYTES))
        self._frames: deque[bytes] = deque()
        self._playing = 0
        self._events: asyncio.Queue[str | _Played | None] = asyncio.Queue()
        self._gone = False
        self._clock = MediaClock(FRAME, self._tick)
        self._clock.start()

    def digit(self, digit: str) -> None:
        """A key was pressed."""
        if digit in _KEYS:
            self._events.put_nowait(digit)

    def gone(self) -> None:
        """The caller has hung up."""
        self._gone = True
        self._events.put_nowait(None)

    async def play(self, said: Say, language: str, stops_at: str) -> str | None:
        loop = asyncio.get_running_loop()
        frames = await loop.run_in_executor(self._pool, self._encoded, said, language)
        self._playing += 1
        self._frames.extend(frames)
        try:
            while True:
                event = await self._next_event()
                if event == _Played(self._playing):
                    return None
                if isinstance(event, str) and event in stops_at:
                    return event
        finally:
            self._frames.clear()

    async def key(self, seconds: float) -> str | None:
        try:
            async with asyncio.timeout(seconds):
                while True:
                    event = await self._next_event()
                    if isinstance(event, str):
                        return event
        except TimeoutError:
            return None

    async def hang_up(self) -> None:
        self.drop()

    def drop(self) -> None:
        """We end it."""
        if not self._gone:
            self._call.hangup()
            self._gone = True

    async def transfer(self) -> None:
        """This line has nobody to hand on to; the carrier's Asterisk has."""
        await self.hang_up()

    async def close(self) -> None:
        await self._clock.stop()
        await self._media.close()

    async def _next_event(self) -> str | _Played | None:
        if self._gone:
            raise HungUp
        event = await self._events.get()
        if event is None:
            raise HungUp
        return event

    def _tick(self) -> None:
        if self._frames:
            self._rtp.send_audio_auto(self._frames.popleft())
            if not self._frames:
                self._events.put_nowait(_Played(self._playing))
        else:
            self._rtp.send_audio_auto(self._silence)

    def _encoded(self, said: Say, language: str) -> list[bytes]:
        encoded = []
        for path in sounds.files(said, language):
            sound = sounds.samples(path).tobytes()
            for start in range(0, len(sound), _FRAME_BYTES):
                frame = sound[start : start + _FRAME_BYTES]
                encoded.append(self._encode(frame.ljust(_FRAME_BYTES, b"\0")))
        return encoded or [self._silence]

    def _encode(self, pcm: bytes) -> bytes:
        encoded: bytes = self._rtp.codec.encode(pcm)
        is_a_law = self._media.chosen_payload_type == _PCMA
        return encoded.translate(_OTHER_SIGN) if is_a_law else encoded
