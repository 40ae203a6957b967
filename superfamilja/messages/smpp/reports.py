"""What a deliver_sm says: a receipt of one of our parts, or an SMS that somebody wrote.

Centres spell receipts as Appendix B of the specification shows, or in the parameters
receipted_message_id and message_state, or in both.
"""

import re
import struct
from typing import Any

from superfamilja.messages.ledger.matching import Report
from superfamilja.messages.models import Delivery

_IS_RECEIPT = 0x3C  # of esm_class: a receipt, an acknowledgement, or on its way
_TLV_ID = 0x001E
_ID = re.compile(r"\bid:\s*([^\s]+)", re.IGNORECASE)
_STAT = re.compile(r"\bstat:\s*([a-z]+)", re.IGNORECASE)
_ERROR = re.compile(r"\berr:\s*([^\s]+)", re.IGNORECASE)
_TEXT = re.compile(r"\btext:(.*)", re.IGNORECASE | re.DOTALL)
_STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
_DELIVERY = {
    "DELIVRD": Delivery.DELIVERED,
    "EXPIRED": Delivery.EXPIRED,
    "DELETED": Delivery.REJECTED,
    "UNDELIV": Delivery.REJECTED,
    "REJECTD": Delivery.REJECTED,
    "UNKNOWN": Delivery.UNKNOWN,
}
# How some centres write them.
_SPELLED = {"DELIVERED": "DELIVRD", "UNDELIVERABLE": "UNDELIV", "REJECTED": "REJECTD"}


def is_receipt(pdu: Any) -> bool:
    """Whether the centre speaks, and not a phone: by the class or the parameter, never by words
    that anybody can type."""
    return bool((pdu.esm_class or 0) & _IS_RECEIPT or getattr(pdu, "receipted_message_id", None))


def report_of(pdu: Any, raw: bytes) -> Report | None:
    """Return the receipt; None when it names no id, or says nothing of the message."""
    said = _words(pdu)
    centre_id = _receipted_id(pdu, raw) or _first(_ID, said)
    state = _STATES.get(getattr(pdu, "message_state", None) or 0) or _first(_STAT, said).upper()
    state = _SPELLED.get(state, state)[:7]
    if not centre_id or not state:
        return None
    return Report(
        number=_plain(pdu.source_addr).lstrip("+"),
        centre_id=centre_id,
        said=state,
        delivery=_DELIVERY.get(state, ""),
        error=_first(_ERROR, said),
        reference=getattr(pdu, "user_message_reference", None),
        text=_first(_TEXT, said),
    )


def _words(pdu: Any) -> str:
    octets = pdu.short_message or getattr(pdu, "message_payload", None) or b""
    return bytes(octets).decode("latin-1")


def _first(shape: re.Pattern[str], said: str) -> str:
    found = shape.search(said)
    return found[1] if found else ""


def _plain(octets: bytes | None) -> str:
    return (octets or b"").decode("ascii", "replace").strip("\0 ")


def _receipted_id(pdu: Any, raw: bytes) -> str:
    """The parameter as it came: the library takes its last octet for a NUL, and some centres send
    none."""
    value = getattr(pdu, "receipted_message_id", None)
    if not value:
        return ""
    head = struct.pack(">HH", _TLV_ID, len(value) + 1) + value
    begin = raw.rfind(head)
    last = raw[begin + len(head) : begin + len(head) + 1] if begin >= 0 else b""
    return _plain(value + last)
