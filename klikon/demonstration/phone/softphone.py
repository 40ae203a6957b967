"""A telephone of our own: it speaks SIP and RTP by their standards, and knows nothing of 130.

`make call` and the tests dial with it. It uses the standard library only, so that it does not
repeat mistakes of the library that answers.
"""

import asyncio
import random
import re
import secrets
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from klikon.demonstration.phone.asked_again import GIVES_UP, Unanswered

Address = tuple[str, int]
PCMU, PCMA = 0, 8
SILENT = {PCMA: b"\xd5", PCMU: b"\xff"}
_FRAME = 0.02
_EVENTS = "0123456789*#"
_LISTEN_AGAIN = 0.005


class CallNotTaken(Exception):  # noqa: N818
    """The other side refused or did not answer."""


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, taker: Any) -> None:
        self._taker = taker

    def datagram_received(self, data: bytes, address: Address) -> None:
        self._taker(data, address)


@dataclass
class Softphone:
    """One call at a time. `frames` holds the received RTP payloads with their times."""

    number: str
    server: Address
    codec: int = PCMA
    event_type: int = 101
    asserts: bool = False  # as a carrier's switch does
    patience: float = GIVES_UP  # seconds
    frames: list[tuple[float, bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def open(self) -> None:
        """Take two ports of this machine."""
        loop = asyncio.get_running_loop()
        self._sip, _ = await loop.create_datagram_endpoint(
            lambda: _Udp(self._message), local_addr=("127.0.0.1", 0)
        )
        self._rtp, _ = await loop.create_datagram_endpoint(
            lambda: _Udp(self._media), local_addr=("127.0.0.1", 0)
        )
        self._here: Address = self._sip.get_extra_info("sockname")
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._unanswered, self._acknowledged = Unanswered(self._send), ""
        self.over = asyncio.Event()
        self._cseq = 0
        self.call_id = f"{secrets.token_hex(8)}@softphone"
        self._tag, self._to_tag = secrets.token_hex(4), ""
        self._sequence, self._ssrc = random.randrange(30000), random.randrange(2**32)  # noqa: S311
        self._time = random.randrange(2**30)  # noqa: S311
        self._media_at: Address | None = None

    async def settled(self) -> None:
        """Wait until every request has an answer, or never will have one."""
        while len(self._unanswered):
            await asyncio.sleep(_LISTEN_AGAIN)

    def close(self) -> None:
        self._unanswered.forget()
        self._sip.close()
        self._rtp.close()

    async def register(self) -> int:
        """Register; return the status of the answer."""
        self._ask(self._request("REGISTER", f"sip:{self.server[0]}", extra=["Expires: 600"]))
        return await self._final()

    async def dial(self, service: str = "130") -> None:
        """Call until it is answered. Raise CallNotTaken with the status."""
        self.invite(service)
        await self.answered()

    def invite(self, service: str = "130") -> str:
        """Begin to call; return the request, so that it can be repeated."""
        self._uri = f"sip:{service}@{self.server[0]}:{self.server[1]}"
        extra = ["Content-Type: application/sdp", f"Contact: <sip:{self.number}@127.0.0.1>"]
        if self.asserts:
            extra.append(f"P-Asserted-Identity: <sip:{self.number}@carrier.example>")
        self._branch = _new_branch()
        request = self._request(
            "INVITE", self._uri, extra=extra, body=self._offer(), branch=self._branch
        )
        self._acknowledged = ""
        self._ask(request)
        return request

    async def answered(self) -> None:
        status = await self._final()
        self._ack(status)
        if status != 200:
            raise CallNotTaken(status)

    def cancel(self) -> None:
        self._ask(
            self._request("CANCEL", self._uri, branch=self._branch, cseq=self._cseq, tagged=False)
        )

    def hang_up(self) -> None:
        self._ask(self._request("BYE", self._uri))
        self.over.set()

    def press(self, key: str) -> None:
        """An RFC 4733 event: three packets on its way, three that end it."""
        if self._media_at is None:
            raise OSError("nobody has answered")
        self._time += 800
        for part in range(6):
            end = 0x80 if part > 2 else 0
            payload = struct.pack("!BBH", _EVENTS.index(key), end | 10, min(part + 1, 4) * 160)
            self._send_rtp(self.event_type, payload, marker=part == 0)
        self._time += 800

    async def sounding(self, patience: float = 60) -> None:
        """Wait until something is heard from now on, or the line is gone."""
        begun, start = time.monotonic(), len(self.frames)
        while not self.over.is_set() and time.monotonic() - begun < patience:
            if not all(map(self._silent_frame, self.frames[start:])):
                return
            await asyncio.sleep(_LISTEN_AGAIN)

    async def quiet(self, seconds: float, patience: float = 60) -> None:
        """Wait until something was heard and then silence for that long, or the line is gone."""
        begun, start = time.monotonic(), len(self.frames)
        frames = round(seconds / _FRAME)
        while not self.over.is_set() and time.monotonic() - begun < patience:
            heard = self.frames[start:]
            last = [self._is_silent(payload) for _at, payload in heard[-frames:]]
            if len(last) == frames and all(last) and not all(map(self._silent_frame, heard)):
                return
            await asyncio.sleep(_LISTEN_AGAIN)

    def heard(self) -> bytes:
        """Return all of the sound as it arrived."""
        return b"".join(payload for _at, payload in self.frames)

    def _silent_frame(self, frame: tuple[float, bytes]) -> bool:
        return self._is_silent(frame[1])

    def _is_silent(self, payload: bytes) -> bool:
        return payload == SILENT[self.codec] * len(payload)

    # --- SIP -----------------------------------------------------------------------------------

    def _request(
        self,
        method: str,
        uri: str,
        *,
        extra: list[str] | None = None,
        body: str = "",
        branch: str = "",
        cseq: int = 0,
        tagged: bool = True,
    ) -> str:
        if not cseq:
            self._cseq += 1
        to_tag = f";tag={self._to_tag}" if self._to_tag and tagged else ""
        to = f"<sip:{self.number}@127.0.0.1>" if method == "REGISTER" else f"<{uri}>{to_tag}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here[0]}:{self._here[1]};rport"
            f";branch={branch or _new_branch()}",
            "Max-Forwards: 70",
            f"From: <sip:{self.number}@127.0.0.1>;tag={self._tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq or self._cseq} {method}",
            *(extra or []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", body])

    def _ack(self, status: int) -> None:
        branch = "" if status == 200 else self._branch
        self._acknowledged = self._request("ACK", self._uri, branch=branch, cseq=self._cseq)
        self._send(self._acknowledged)

    def _offer(self) -> str:
        port = self._rtp.get_extra_info("sockname")[1]
        name = {PCMA: "PCMA", PCMU: "PCMU"}[self.codec]
        return "\r\n".join(
            [
                "v=0",
                f"o=- {port} 1 IN IP4 127.0.0.1",
                "s=-",
                "c=IN IP4 127.0.0.1",
                "t=0 0",
                f"m=audio {port} RTP/AVP {self.codec} {self.event_type}",
                f"a=rtpmap:{self.codec} {name}/8000",
                f"a=rtpmap:{self.event_type} telephone-event/8000",
                f"a=fmtp:{self.event_type} 0-15",
                "a=ptime:20",
                "",
            ]
        )

    def _ask(self, request: str) -> None:
        self._unanswered.ask(request)

    def _send(self, request: str) -> None:
        self._sip.sendto(request.encode(), self.server)

    def _message(self, data: bytes, _address: Address) -> None:
        text = data.decode(errors="replace")
        if text.startswith("SIP/2.0"):
            status = int(text.split()[1])
            self.statuses.append(status)
            self._unanswered.answered(text)
            if status >= 200 and self._acknowledged and _cseq(text)[1] == "INVITE":
                self._send(self._acknowledged)  # it got lost
            self._answers.put_nowait(text)
        elif text.startswith("BYE"):
            self._answer_ok(text)
            self.over.set()

    def _answer_ok(self, request: str) -> None:
        kept = re.findall(r"^(?:Via|From|To|Call-ID|CSeq):.*$", request, re.MULTILINE | re.I)
        lines = ["SIP/2.0 200 OK", *(line.strip() for line in kept), "Content-Length: 0", "", ""]
        self._send("\r\n".join(lines))

    async def _final(self) -> int:
        """Return the final answer to the newest request, and remember what belongs to it."""
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    text = await self._answers.get()
                    status = int(text.split()[1])
                    number, method = _cseq(text)
                    if status >= 200 and number == self._cseq and method != "CANCEL":
                        break
        except TimeoutError as error:
            raise CallNotTaken(0) from error
        if status == 200 and method == "INVITE":
            found = re.search(r"^To:.*;tag=([^;\s]+)", text, re.MULTILINE)
            self._to_tag = found[1] if found else ""
            media = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
            self._media_at = (self.server[0], int(media[1])) if media else None
        return status

    # --- RTP -----------------------------------------------------------------------------------

    def _media(self, data: bytes, _address: Address) -> None:
        if len(data) > 12 and data[1] & 0x7F == self.codec:
            self.frames.append((time.monotonic(), data[12:]))

    def _send_rtp(self, payload_type: int, payload: bytes, *, marker: bool) -> None:
        self._sequence = (self._sequence + 1) % 65536
        header = struct.pack(
            "!BBHII",
            0x80,
            payload_type | (0x80 if marker else 0),
            self._sequence,
            self._time % 2**32,
            self._ssrc,
        )
        self._rtp.sendto(header + payload, self._media_at)


def _cseq(message: str) -> tuple[int, str]:
    """Return the number and the method that an answer belongs to."""
    found = re.search(r"^CSeq:\s*(\d+)\s+(\w+)", message, re.MULTILINE | re.IGNORECASE)
    return (int(found[1]), found[2].upper()) if found else (0, "")


def _new_branch() -> str:
    return f"z9hG4bK{secrets.token_hex(8)}"
