"""Tell what the month's next file will hold, to whoever approves or issues it (R13, R22)."""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from billing.bill import ON_THE_BILLS
from billing.models import BILL_LEK, IssuedFile, ParkedEntry
from superfamilja.data.database import large_statements
from superfamilja.refusal import Refusal
from superfamilja.values.months import month_label

_WAITING = "SELECT FROM billing_parkedentry p WHERE p.entry_id = e.id AND p.withdrawn_at IS NULL"
# `resolved` lists exactly the entries that this file includes. An entry resolved while the file is
# made waits for the next one.
ALL_BUT_PARKED = f"NOT EXISTS ({_WAITING} AND p.id <> ALL(%(resolved)s))"
RESOLVED_SINCE = f"EXISTS ({_WAITING} AND p.id = ANY(%(resolved)s))"

ENTRIES = f"""
    SELECT id, contract_id, {BILL_LEK} AS total
    FROM billing_billentry e WHERE month = %(month)s AND {{which}}
"""  # noqa: S608 - only our own fragments are joined in
# The same entries as the lines of export.py.
_HELD = """
SELECT count(*), coalesce(sum(e.total), 0) FROM ({entries}) e
WHERE e.total <> 0 OR e.id IN (SELECT b.entry_id FROM ({on_the_bills}) b)
"""


class FileChanged(Refusal):
    rule = "R22"
    code = "file_changed"
    sentence = gettext_noop(
        "What the file of month %(month)s will hold changed after you looked at it; nothing was "
        "done. Look at it again."
    )


@dataclass(frozen=True)
class NextFile:
    """Lines and sum of the file; `resolved` of them were parked at the close."""

    entries: int = 0
    amount_lek: int = 0
    resolved: int = field(default=0, compare=False)


def of_month(month: date) -> NextFile:
    """Return a closed month's file, or the supplement that would follow now. It only reads."""
    taken = resolved(month)
    which = which_of(number=IssuedFile.objects.filter(month=month).count())
    sql = _HELD.format(entries=ENTRIES.format(which=which), on_the_bills=ON_THE_BILLS)
    with transaction.atomic(), connection.cursor() as cursor:
        large_statements()
        cursor.execute(sql, {"month": month, "resolved": taken})
        entries, amount_lek = cursor.fetchone()
    return NextFile(int(entries), int(amount_lek), len(taken))


def resolved(month: date) -> list[int]:
    """Return the parked entries that go into the file now, read once for the file and for its mark.

    They need no lock, because they stay resolved and an approved month never opens again.
    """
    return list(ParkedEntry.objects.resolved_since(month).values_list("pk", flat=True))


def which_of(number: int) -> str:
    """Return which entries a file has: all but the parked ones, or in a supplement the resolved."""
    return RESOLVED_SINCE if number else ALL_BUT_PARKED


def require_seen(month: date, seen: NextFile | None, held: NextFile) -> None:
    """Raise FileChanged unless `seen` is what the file will hold; None skips the check."""
    if seen not in (None, held):
        raise FileChanged(month=month_label(month))
