"""A text as the parts that an SMS centre takes: octets, their coding, and the head of each part."""

from dataclasses import dataclass

from superfamilja.messages import alphabet
from superfamilja.messages.smpp.options import PAYLOAD

GSM, UCS2 = 0, 8  # data_coding
UDHI = 0x40  # esm_class: the octets begin with a head


@dataclass(frozen=True)
class Piece:
    """One part: which of how many, and what is sent of it."""

    number: int
    total: int
    octets: bytes
    data_coding: int
    has_head: bool = False
    is_payload: bool = False


def pieces(text: str, *, reference: int, long_as: str) -> list[Piece]:
    """Return the parts of a text, as many as `alphabet.segments` counts.

    With a payload the centre makes the parts, so there is one. `reference` joins the parts on the
    phone: the same at each try, so that a part that is sent again fits.
    """
    coding = GSM if alphabet.is_gsm(text) else UCS2
    bodies = [_octets(part, coding) for part in alphabet.split(text)]
    if len(bodies) == 1:
        return [Piece(1, 1, bodies[0], coding)]
    if long_as == PAYLOAD:
        return [Piece(1, 1, b"".join(bodies), coding, is_payload=True)]
    total = len(bodies)
    return [
        Piece(n, total, _head(reference, total, n) + body, coding, has_head=True)
        for n, body in enumerate(bodies, start=1)
    ]


def _octets(text: str, coding: int) -> bytes:
    return alphabet.gsm_octets(text) if coding == GSM else text.encode("utf-16-be")


def _head(reference: int, total: int, number: int) -> bytes:
    """The eight-bit form, which every phone joins: it fits into the room that a part leaves."""
    return bytes([5, 0, 3, reference & 0xFF, total, number])
