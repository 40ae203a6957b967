"""What a phone shows of the parts that a centre got: GSM 03.38 and UCS-2, joined by their UDH.

Written from the specification, apart from the portal's own alphabet.
"""

from tests.smsc.pdus import Submitted

_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_AFTER_ESCAPE = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
UDHI = 0x40


def letters(octets: bytes, coding: int) -> str:
    """The text of one part, without its header."""
    if coding == 8:
        return octets.decode("utf-16-be")
    said, escaped = "", False
    for octet in octets:
        assert octet < 0x80, "seven bits"
        if escaped:
            said, escaped = said + _AFTER_ESCAPE[octet], False
        elif octet == 0x1B:
            escaped = True
        else:
            said += _GSM[octet]
    assert not escaped, "a letter was torn from its escape"
    return said


def whole(parts: list[Submitted]) -> dict[str, list[str]]:
    """Each number with the texts that its phone shows, in the order in which they were complete."""
    shown: dict[str, list[str]] = {}
    waiting: dict[tuple[str, int, int], dict[int, str]] = {}
    for part in parts:
        reference, total, number, octets = _header(part)
        if not part.esm_class & UDHI and len(part.octets) > (140 if part.coding == 8 else 160):
            raise AssertionError("too long for one SMS")
        key = (part.to, reference, total)
        waiting.setdefault(key, {})[number] = letters(octets, part.coding)
        if len(waiting[key]) == total:
            done = waiting.pop(key)
            shown.setdefault(part.to, []).append("".join(done[n] for n in sorted(done)))
    return shown


def _header(part: Submitted) -> tuple[int, int, int, bytes]:
    """Its reference, how many parts there are, which one it is, and its octets."""
    octets = part.payload
    if not part.esm_class & UDHI:
        return 0, 1, 1, octets
    length = octets[0]
    header, rest = octets[1 : 1 + length], octets[1 + length :]
    assert len(octets) <= (140 if part.coding == 8 else 160)
    if header[0] == 0x00:
        assert header[1] == 3
        return header[2], header[3], header[4], rest
    assert header[:2] == b"\x08\x04"
    return int.from_bytes(header[2:4], "big"), header[4], header[5], rest
