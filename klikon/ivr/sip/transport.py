"""SIP over UDP with a memory: a repeated request gets the same answer and starts nothing.

UDP loses packets, so a caller repeats an INVITE until there is an answer. Without the memory every
repetition would be a new call.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

from aiosipua import SipRequest, SipResponse, UdpSipTransport

log = logging.getLogger(__name__)
REMEMBERED_FOR = 32.0  # seconds (RFC 3261, 64 × T1)
_REMEMBERED_AT_MOST = 10_000
Address = tuple[str, int]
Key = tuple[str, str]


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, taker: Callable[[bytes, Address], None]) -> None:
        self._taker = taker

    def datagram_received(self, data: bytes, address: Address) -> None:
        self._taker(data, (str(address[0]), int(address[1])))


@dataclass
class RememberingTransport(UdpSipTransport):
    """A transport that repeats its answers; `on_request` gets new requests."""

    on_request: Callable[[SipRequest, Address], None] | None = None
    _answers: OrderedDict[Key, tuple[float, SipResponse | None]] = field(
        default_factory=OrderedDict
    )

    async def start(self) -> None:
        """Start listening. The library's own protocol needs a class that Python 3.11 lacks."""
        loop = asyncio.get_running_loop()
        self._udp_transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._dispatch), local_addr=self.local_addr
        )

    def receive(self, message: SipRequest | SipResponse, address: Address) -> None:
        """Handle a packet; give this function to `on_message`."""
        if not isinstance(message, SipRequest) or self.on_request is None:
            return  # answers to our BYE need nothing
        key = _key(message, message.method.upper())
        if message.method.upper() != "ACK" and key is not None:
            self._forget_old()
            if key in self._answers:
                answer = self._answers[key][1]
                if answer is not None:
                    super().send_reply(answer)
                return
            self._answers[key] = (time.monotonic(), None)
        self.on_request(message, address)

    def send_reply(self, response: SipResponse) -> None:
        key = _key(response, _method_of(response))
        if key is not None and key in self._answers:
            self._answers[key] = (time.monotonic(), response)
        super().send_reply(response)

    def send(self, message: SipRequest | SipResponse, addr: Address) -> None:
        """Send to an address, never to a host name, because a lookup would block all calls."""
        try:
            ip_address(addr[0])
        except ValueError:
            log.warning("sip: nothing is sent to %.60r, which is no address", addr[0])
            return
        if 0 < addr[1] < 65536:
            super().send(message, addr)

    def _forget_old(self) -> None:
        now = time.monotonic()
        while self._answers:
            key, (at, _answer) = next(iter(self._answers.items()))
            if now - at < REMEMBERED_FOR and len(self._answers) < _REMEMBERED_AT_MOST:
                return
            del self._answers[key]


def _method_of(response: SipResponse) -> str:
    """Return the method that it answers: the last word of its CSeq."""
    words = (response.get_header("cseq") or "").split()
    return words[-1].upper() if words else ""


def _key(message: SipRequest | SipResponse, method: str) -> Key | None:
    """Return branch and sender of the topmost Via, and the method (RFC 3261, 17.2.3)."""
    via = message.via[0] if message.via else None
    if via is None or not via.branch:
        return None
    return f"{via.branch} {via.host}:{via.port}", method
