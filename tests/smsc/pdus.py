"""SMPP 3.4 as the other side reads it: written from the specification, apart from the library that
the portal uses, so that one mistake is not made on both sides."""

import struct
from dataclasses import dataclass, field

BIND = {0x00000001, 0x00000002, 0x00000009}
SUBMIT, DELIVER, UNBIND, ENQUIRE, NACK = 0x4, 0x5, 0x6, 0x15, 0x80000000
RESPONSE = 0x80000000
PAYLOAD, USER_REFERENCE, RECEIPTED_ID, STATE = 0x0424, 0x0204, 0x001E, 0x0427
_HEAD = struct.Struct(">LLLL")


@dataclass
class Submitted:
    """A submit_sm as it came."""

    source: str = ""
    to: str = ""
    esm_class: int = 0
    validity: str = ""
    registered: int = 0
    coding: int = 0
    octets: bytes = b""
    tlvs: dict[int, bytes] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        return self.tlvs.get(PAYLOAD, self.octets)


def pack(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return _HEAD.pack(16 + len(body), command, status, sequence) + body


def head(octets: bytes) -> tuple[int, int, int, int]:
    length, command, status, sequence = _HEAD.unpack(octets)
    return length, command, status, sequence


def text(value: str) -> bytes:
    return value.encode("ascii") + b"\0"


def tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def bound_as(body: bytes) -> tuple[str, str]:
    """Who binds, and the password."""
    system_id, password, _rest = body.split(b"\0", 2)
    return system_id.decode(), password.decode()


def read_submit(body: bytes) -> Submitted:
    at = _Reader(body)
    found = Submitted()
    at.text()
    at.octets(2)
    found.source = at.text()
    at.octets(2)
    found.to = at.text()
    found.esm_class = at.octets(1)[0]
    at.octets(2)
    at.text()
    found.validity = at.text()
    found.registered, _replace, found.coding, _default, length = at.octets(5)
    found.octets = at.octets(length)
    while at.left():
        tag, size = struct.unpack(">HH", at.octets(4))
        found.tlvs[tag] = at.octets(size)
    return found


def deliver(source: str, to: str, esm_class: int, octets: bytes, tlvs: bytes = b"") -> bytes:
    """The body of a deliver_sm."""
    addresses = b"\x01\x01" + text(source) + b"\x05\x00" + text(to)
    flags = bytes([esm_class, 0, 0]) + b"\0\0" + bytes([0, 0, 0, 0, len(octets)])
    return b"\0" + addresses + flags + octets + tlvs


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def octets(self, many: int) -> bytes:
        self._at += many
        assert self._at <= len(self._body), "the PDU is shorter than it says"
        return self._body[self._at - many : self._at]

    def text(self) -> str:
        end = self._body.index(b"\0", self._at)
        value, self._at = self._body[self._at : end], end + 1
        return value.decode("ascii")

    def left(self) -> bool:
        return self._at < len(self._body)
