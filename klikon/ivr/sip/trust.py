"""Decide who may call on our own SIP line, and as which number.

The carrier's switches, named in IVR_SIP_PEERS, assert the caller (P-Asserted-Identity). Nobody else
may call, with one exception: in a demonstration a softphone on this very machine registers as a
number, and then its From counts.
"""

import time
from ipaddress import ip_address, ip_network

from aiosipua import SipRequest
from django.conf import settings

from klikon.ivr.identity import asserted_number

REGISTERED_FOR = 3600  # seconds
_NUMBERS_AT_MOST = 200
Address = tuple[str, int]


class Trust:
    """Decides who may call, and as whom."""

    def __init__(self) -> None:
        self._peers = [ip_network(text) for text in settings.IVR_SIP_PEERS]
        self._phones: dict[Address, tuple[str, float]] = {}

    def is_known(self, address: Address) -> bool:
        return self._is_peer(address) or self._is_a_phone_here(address)

    def register(self, request: SipRequest, address: Address, seconds: int) -> bool:
        """Register a softphone's number; 0 seconds ends it. Return False for other machines."""
        number = asserted_number(request.get_header("to") or "")
        if not self._is_a_phone_here(address) or not number:
            return False
        now = time.monotonic()
        self._phones = {a: p for a, p in self._phones.items() if p[1] > now and a != address}
        if seconds and len(self._phones) < _NUMBERS_AT_MOST:
            self._phones[address] = (number, now + min(seconds, REGISTERED_FOR))
        return True

    def caller(self, request: SipRequest, address: Address) -> str | None:
        """Return the caller in E.164, empty when hidden; None when they may not call here."""
        if self._is_peer(address):
            return asserted_number(*request.headers.get("p-asserted-identity"))
        number, until = self._phones.get(address, ("", 0.0))
        said = asserted_number(request.get_header("from") or "")
        return number if number and said == number and until > time.monotonic() else None

    def _is_peer(self, address: Address) -> bool:
        return any(ip_address(address[0]) in network for network in self._peers)

    def _is_a_phone_here(self, address: Address) -> bool:
        believed: bool = settings.IVR_SIP_BELIEVES_PHONES_HERE
        return believed and ip_address(address[0]).is_loopback
