"""A call on our own SIP line: prompts go out as RTP, one frame every 20 ms; keys come in.

Silence is sent while nothing is played, because routers otherwise close the way back. Keys come as
RFC 4733 events in the media, or by SIP INFO.
"""

import asyncio
import logging
from array import array
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiortp.clock import MediaClock
from aiortp.codecs import get_codec
from aiosipua import IncomingCall
from aiosipua.rtp_bridge import CallSession

from klikon.ivr.carrying import HungUp
from klikon.ivr.dialogue.turns import Say
from klikon.ivr.sip.media import PCMA, Sender
from klikon.ivr.voice import sounds

FRAME = 0.020  # seconds
_FRAME_BYTES = 320  # 160 samples of 16 bits
_KEYS = "0123456789*#"
log = logging.getLogger(__name__)
# aiortp 0.8.0 inverts the sign bit of A-law, so that every wave is upside down.
_OTHER_SIGN = bytes(byte ^ 0x80 for byte in range(256))


@dataclass(frozen=True)
class _Played:
    number: int


class SipLine:
    """One answered call."""

    def __init__(self, call: IncomingCall, media: CallSession, sender: Sender) -> None:
        self._call, self._media, self._sender = call, media, sender
        self._rtp: Any = media.rtp_session
        self._rtp.on_audio = None  # the caller's voice is not used
        media.on_dtmf = lambda digit, _duration: self.digit(digit)
        [self._silence] = frames_of(array("h", bytes(_FRAME_BYTES)), media.chosen_payload_type)
        self._frames: deque[bytes] = deque()
        self._playing = 0
        self._events: asyncio.Queue[str | _Played | None] = asyncio.Queue()
        self._gone = False
        self._clock = MediaClock(FRAME, self._tick)
        self._clock.start()

    def digit(self, digit: str) -> None:
        """Take a pressed key; ignore anything else."""
        if len(digit) == 1 and digit in _KEYS:
            self._events.put_nowait(digit)

    def gone(self) -> None:
        """Note that the caller has hung up."""
        self._gone = True
        self._events.put_nowait(None)

    async def play(self, said: Say, language: str, stops_at: str) -> str | None:
        frames = await asyncio.to_thread(self._encoded, await sounds.ready(said, language))
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
        """End the call ourselves."""
        if not self._gone:
            self._call.hangup()
            self._gone = True

    async def transfer(self) -> None:
        """Do nothing, because this line cannot transfer; the carrier's Asterisk can."""
        await self.hang_up()

    async def close(self) -> None:
        await self._clock.stop()
        await self._media.close()
        if self._sender.dropped:
            log.warning("sip: %d packets were not the caller's, or none", self._sender.dropped)

    async def _next_event(self) -> str | _Played | None:
        if self._gone:
            raise HungUp
        event = await self._events.get()
        if event is None:
            raise HungUp
        return event

    def _tick(self) -> None:
        if self._gone:  # its end is being recorded
            return
        if self._frames:
            self._rtp.send_audio_auto(self._frames.popleft())
            if not self._frames:
                self._events.put_nowait(_Played(self._playing))
        else:
            self._rtp.send_audio_auto(self._silence)

    def _encoded(self, found: list[Path]) -> list[bytes]:
        codec = self._media.chosen_payload_type
        frames = [frame for path in found for frame in frames_of(sounds.samples(path), codec)]
        return frames or [self._silence]


def frames_of(sound: "array[int]", codec: int) -> list[bytes]:
    """Return the sound as the line carries it, 20 ms each; silence fills the last one."""
    pcm, frames = sound.tobytes(), []
    for start in range(0, len(pcm), _FRAME_BYTES):
        encoded = get_codec(codec).encode(
            pcm[start : start + _FRAME_BYTES].ljust(_FRAME_BYTES, b"\0")
        )
        frames.append(encoded.translate(_OTHER_SIGN) if codec == PCMA else encoded)
    return frames
