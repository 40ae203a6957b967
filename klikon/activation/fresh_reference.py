"""Draw a new reference when the first one was taken (R36, docs/adr/0020).

An activation reserves its reference with its locks and looks it up with its facts, so that this
costs no round trip. This module serves the few whose reference is already in use: a collision
leads to another draw and never to a broken transaction.
"""

from klikon.activation import references
from superfamilja.data.advisory_locks import REFERENCE_LOCK
from superfamilja.data.database import one_row

# Two statements, because the second one sees everything committed before the reservation.
_RESERVE = "SELECT pg_try_advisory_xact_lock(%(lock)s::int, hashtext(%(reference)s)) AS reserved"
_TAKEN = "SELECT EXISTS (SELECT FROM billing_charge WHERE reference = %(reference)s) AS taken"


def another() -> str:
    """Draw until a reference is free, and reserve it until the caller's transaction ends."""
    while True:
        reference = references.new_reference()
        if _is_reserved(reference) and not _is_taken(reference):
            return reference


def _is_reserved(reference: str) -> bool:
    row = one_row(_RESERVE, {"lock": REFERENCE_LOCK, "reference": reference})
    return bool(row["reserved"])


def _is_taken(reference: str) -> bool:
    return bool(one_row(_TAKEN, {"reference": reference})["taken"])
