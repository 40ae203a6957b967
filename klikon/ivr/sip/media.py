"""The media of a call on our SIP line: which offers are accepted, and whose packets count."""

import logging
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from aiosipua.rtp_bridge import CallSession
from aiosipua.sdp import SdpMessage

log = logging.getLogger(__name__)
PCMU, PCMA = 0, 8
_EVENTS = 101  # for offers without a valid payload type for keys
Address = tuple[str, int]


def can_be_answered(offer: SdpMessage, here: str) -> bool:
    """Return whether it has a codec of ours and an address that packets from `here` can reach.

    A host name is refused, because looking it up would delay other calls.
    """
    audio, there = offer.audio, offer.rtp_address
    if audio is None or there is None or not 0 < there[1] < 65536:
        return False
    address = _address(there[0])
    return (
        any(str(codec) in audio.formats for codec in (PCMA, PCMU))
        and address is not None
        and address.version == ip_address(here).version
        and not (
            address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255"
        )
    )


def event_type(offer: SdpMessage) -> int:
    """Return the payload type that this phone uses for its keys, often 101."""
    codecs = offer.audio.codecs if offer.audio else []
    events = (c.payload_type for c in codecs if c.encoding_name.lower() == "telephone-event")
    return next((event for event in events if 96 <= event <= 127), _EVENTS)


class Sender:
    """Whose packets count: those from the offer's address, or from the one that the call came from.

    The first packet gives the port, because routers change it, and the sound goes there. Packets
    from elsewhere are somebody else's, and a key in them would be somebody else's yes.
    """

    def __init__(self, media: CallSession, signals_from: str) -> None:
        self.dropped = 0
        self._rtp: Any = media.rtp_session
        self._hosts = {_address(media.remote_addr[0]), _address(signals_from)}
        self._from: Address | None = None
        take_rtp, take_rtcp = self._rtp._handle_rtp, self._rtp._handle_rtcp
        for transport in (self._rtp._rtp_transport, self._rtp._rtcp_transport):
            transport._on_rtp = lambda data, at: self._take(take_rtp, data, at, self._is_his)
            transport._on_rtcp = lambda data, at: self._take(take_rtcp, data, at, self._is_there)

    def _take(
        self,
        take: Callable[[bytes, Address], None],
        data: bytes,
        at: Address,
        counts: Callable[[Address], bool],
    ) -> None:
        address = (at[0], at[1])
        if not counts(address):
            self.dropped += 1
            return
        try:
            take(data, address)
        except (ValueError, IndexError):  # aiortp reads some parts without checking them
            self.dropped += 1

    def _is_his(self, address: Address) -> bool:
        if self._from is None and self._is_there(address):
            self._from = address
            self._rtp.update_remote(address)
        return address == self._from

    def _is_there(self, address: Address) -> bool:
        return _address(address[0]) in self._hosts


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
