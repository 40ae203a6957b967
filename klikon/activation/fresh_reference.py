"""A reference that nobody has: drawn by chance, reserved, and looked up before anything is written.

An activation reserves its own with its locks and looks it up with its facts, so that it costs no
round trip. This is for the few that drew one that somebody has already: a collision ends in
another draw and never in a broken transaction (R36, docs/adr/0020).
"""

from klikon.activation import references
from superfamilja.data.advisory_locks import REFERENCE_LOCK
from superfamilja.data.database import one_row

# Two statements: the second one sees what was committed before the reservation.
_RESERVE = "SELECT pg_try_advisory_xact_lock(%(lock)s::int, hashtext(%(reference)s)) AS reserved"
_TAKEN = "SELECT EXISTS (SELECT FROM billing_charge WHERE reference = %(reference)s) AS taken"


def another() -> str:
    """Draw until one is free. It is reserved until the caller's transaction ends."""
    while True:
        reference = references.new_reference()
        if _is_reserved(reference) and not _is_taken(reference):
            return reference


def _is_reserved(reference: str) -> bool:
    row = one_row(_RESERVE, {"lock": REFERENCE_LOCK, "reference": reference})
    return bool(row["reserved"])


def _is_taken(reference: str) -> bool:
    return bool(one_row(_TAKEN, {"reference": reference})["taken"])
