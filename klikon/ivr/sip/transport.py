"""SIP over UDP with a memory: a request that comes again gets its answer again, and starts nothing.

UDP loses packets, so a caller repeats an INVITE until it hears something; without this every
repetition would be a call of its own.
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
    """Answers what it has answered; `on_request` gets the rest."""

    on_request: Callable[[SipRequest, Address], None] | None = None
    _answers: OrderedDict[Key, tuple[float, SipResponse | None]] = field(
        default_factory=OrderedDict
    )

    async def start(self) -> None:
        """Its own protocol checks for a class that Python 3.11 has not yet."""
        loop = asyncio.get_running_loop()
        self._udp_transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._dispatch), local_addr=self.local_addr
        )

    def receive(self, message: SipRequest | SipResponse, address: Address) -> None:
        """What came in; give this to `on_message`."""
        if not isinstance(message, SipRequest) or self.on_request is None:
            return  # answers to our BYE: nothing hangs on them
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
        """To an address, never to a name: while one is looked up no call is heard."""
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
    """What it answers: the last word of its CSeq."""
    words = (response.get_header("cseq") or "").split()
    return words[-1].upper() if words else ""


def _key(message: SipRequest | SipResponse, method: str) -> Key | None:
    """Branch and sender out of the topmost Via, and the method (RFC 3261, 17.2.3)."""
    via = message.via[0] if message.via else None
    if via is None or not via.branch:
        return None
    return f"{via.branch} {via.host}:{via.port}", method
