"""Make real calls over SIP and RTP on this machine.

The telephone shares no library with 130. It knows what was heard sample by sample. It presses a key
when 130 waits for one, however slow the machine is. Of a 130 in another process it only knows that
the line is quiet.
"""

import asyncio
import math
import re
from array import array
from collections.abc import Awaitable, Callable
from typing import ClassVar
from unittest.mock import patch

from django.utils import timezone

from klikon.activation.quote import quote
from klikon.activation.refusals import RepeatNotConfirmed
from klikon.demonstration.phone.softphone import PCMA, PCMU, SILENT, Softphone
from klikon.ivr.answering import threads
from klikon.ivr.dialogue.turns import Say
from klikon.ivr.models import PhoneCall
from klikon.ivr.sip import listener
from klikon.ivr.sip.line import SipLine
from klikon.ivr.sip.listener import Sip
from klikon.ivr.voice import sounds
from klikon.models import Activation, Channel, LeaderAssignment
from tests.klikon.ivr.loop import run

QUIET = 1.0  # seconds: the pauses between two prompts are shorter, also on a busy machine
PATIENCE = 60
Doing = Callable[[Softphone], Awaitable[None]]


class WatchedLine(SipLine):
    """The server's end of a call; it shows whether the server waits for a key."""

    of_call: ClassVar[dict[str, "WatchedLine"]] = {}

    def __init__(self, *what) -> None:
        super().__init__(*what)
        self.digits, self.waits = 0, False
        self.of_call[self._call.call_id] = self

    def digit(self, digit: str) -> None:
        self.digits += 1
        super().digit(digit)

    async def key(self, seconds: float) -> str | None:
        self.waits = True
        try:
            return await super().key(seconds)
        finally:
            self.waits = False

    def has_heard(self, keys: int) -> bool:
        """Return whether that many keys have arrived and it is the caller's turn."""
        return self.waits and self.digits >= keys and self._events.empty()


class Caller(Softphone):
    """A telephone that counts its keys, and repeats what old telephones do."""

    pressed = 0

    def press(self, key: str) -> None:
        self.pressed += 1
        super().press(key)

    def press_by_info(self, key: str) -> None:
        """Press a key as a SIP INFO request."""
        self.pressed += 1
        body = f"Signal={key}\r\nDuration=160\r\n"
        extra = ["Content-Type: application/dtmf-relay"]
        self._ask(self._request("INFO", self._uri, extra=extra, body=body))

    def send_again(self, request: str) -> None:
        """Repeat a request unchanged, as if no answer had come."""
        self._send(request)


async def my_turn(phone: Softphone) -> None:
    """Wait until 130 wants a key and all of its words were heard, or the line is gone."""
    line = WatchedLine.of_call.get(phone.call_id)
    if line is None or not isinstance(phone, Caller):
        await phone.quiet(QUIET)
        return
    async with asyncio.timeout(PATIENCE):
        while not phone.over.is_set() and not line.has_heard(phone.pressed):
            await asyncio.sleep(0.002)
        heard = len(phone.frames)
        while not phone.over.is_set() and len(phone.frames) < heard + 2:
            await asyncio.sleep(0.002)


def on_the_phone(number: str, doing: Doing, *, ring: float = 0.02, **how) -> Softphone:
    return on_phones([(number, doing, how)], ring=ring)[0]


def on_phones(callers: list[tuple[str, Doing, dict]], *, ring: float = 0.02) -> list[Softphone]:
    async def call(server: Sip, number: str, doing: Doing, how: dict) -> Softphone:
        phone = Caller(number, ("127.0.0.1", server.port), **how)
        await phone.open()
        try:
            if not phone.asserts:
                await phone.register()
            await doing(phone)
            await phone.settled()
        finally:
            phone.close()
        return phone

    async def all_of_them() -> list[Softphone]:
        with threads() as pool:
            server = Sip(pool, rings=ring)
            await server.start("127.0.0.1", 0)
            try:
                return await asyncio.gather(*(call(server, *caller) for caller in callers))
            finally:
                async with asyncio.timeout(20):
                    while server.calls:
                        await asyncio.sleep(0.01)
                await server.stop()

    with patch.object(listener, "SipLine", WatchedLine), patch.dict(WatchedLine.of_call):
        return run(all_of_them())


def keys(text: str, *, by_info: bool = False, stay: bool = False) -> Doing:
    """Dial, press each key when it is wanted, those in brackets at once, and hang up."""
    bursts = re.findall(r"\(([^)]+)\)|(.)", text)

    async def doing(phone: Softphone) -> None:
        await phone.dial()
        for burst in ("".join(found) for found in bursts):
            await my_turn(phone)
            for key in burst:
                (phone.press_by_info if by_info else phone.press)(key)
                await asyncio.sleep(0.005)
        await my_turn(phone)
        if stay:
            await asyncio.wait_for(phone.over.wait(), 20)
        elif not phone.over.is_set():
            phone.hang_up()

    return doing


async def keys_and_stay(phone: Softphone, text: str) -> None:
    await phone.dial()
    await press_each(phone, text)


async def press_each(phone: Softphone, text: str) -> None:
    """Press each key when it is wanted, and wait until the next one is."""
    for key in text:
        await my_turn(phone)
        phone.press(key)
    await my_turn(phone)


def lek_spent(leader: LeaderAssignment) -> list[int]:
    own = Activation.objects.filter(contract=leader.group.contract).order_by("pk")
    return list(own.values_list("charged_lek", flat=True))


def register_of(leader: LeaderAssignment) -> PhoneCall:
    return PhoneCall.objects.filter(contract=leader.group.contract).get()


def active_since(leader: LeaderAssignment) -> RepeatNotConfirmed | None:
    """Return what every channel says now about the member's package."""
    row = quote(
        group=leader.group,
        leader=leader.member.msisdn,
        member=leader.group.memberships.get(seat=2),
        at=timezone.now(),
        channel=Channel.IVR,
    ).row("S700")
    return row.asks_again if row else None


def contains(phone: Softphone, key: str, **values) -> bool:
    """Return whether this prompt was heard."""
    return heard(phone, Say(key, values))


def heard(phone: Softphone, said: Say) -> bool:
    """Return whether all of its sentences were heard, sample by sample, decoded by the standard."""
    return all(_heard(phone, sounds.samples(path)) for path in sounds.files(said, "sq"))


def correlation(phone: Softphone, key: str) -> float:
    """Return how like its source the call's first prompt was: 1 is the same, at any loudness."""
    [path] = sounds.files(Say(key), "sq")
    wanted = sounds.samples(path)
    silent = DECODED[phone.codec][SILENT[phone.codec][0]]
    sound = [DECODED[phone.codec][byte] for byte in phone.heard()]
    begin = next(i for i, s in enumerate(sound) if s != silent) // 160
    first = next(i for i, s in enumerate(wanted) if abs(s) > abs(silent)) // 160
    sound = sound[(begin - first) * 160 :]
    both = list(zip(sound, wanted, strict=False))
    power = sum(h * h for h, _ in both) * sum(w * w for _, w in both)
    return sum(h * w for h, w in both) / math.sqrt(power)


def _heard(phone: Softphone, wanted: "array[int]") -> bool:
    heard = [DECODED[phone.codec][byte] for byte in phone.heard()]
    near = [abs(sample - wanted[0]) < 600 for sample in heard]
    return any(
        near[start] and all(abs(h - w) < 600 for h, w in zip(heard[start:], wanted, strict=False))
        for start in range(len(heard) - len(wanted) + 1)
    )


def _a_law(byte: int) -> int:
    """Decode ITU-T G.711, A-law, by the standard."""
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 15
    size = (mantissa << 4) + 8 if not exponent else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if byte & 0x80 else -size


def _mu_law(byte: int) -> int:
    """Decode ITU-T G.711, mu-law, by the standard."""
    byte = ~byte & 0xFF
    size = ((((byte & 15) << 3) + 0x84) << ((byte >> 4) & 7)) - 0x84
    return -size if byte & 0x80 else size


DECODED = {
    PCMA: [_a_law(byte) for byte in range(256)],
    PCMU: [_mu_law(byte) for byte in range(256)],
}
