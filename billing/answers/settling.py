"""Whether a month is settled: what fixed billing accepted is what was issued, in lines and in Lek.

A line that was sent again counts as issued twice, and as rejected once. What was credited instead
has left its entry. So, once everything is answered and nothing waits:

    issued − rejected = accepted = what the month's entries come to
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from billing.bill import ON_THE_BILLS
from billing.models import BILL_LEK, ParkedEntry, Settlement
from superfamilja.data.database import large_statements

_SUMS = """
SELECT f.files, f.issued, f.issued_lek, a.accepted, a.accepted_lek, a.rejected, a.rejected_lek,
       f.files - a.answered AS files_unanswered
FROM (SELECT count(*) AS files, coalesce(sum(entries), 0) AS issued,
             coalesce(sum(amount_lek), 0) AS issued_lek
      FROM billing_issuedfile WHERE month = %(month)s) f,
     (SELECT count(DISTINCT a.file_id) AS answered,
             coalesce(sum(a.accepted), 0) AS accepted,
             coalesce(sum(a.accepted_lek), 0) AS accepted_lek,
             coalesce(sum(a.rejected), 0) AS rejected,
             coalesce(sum(a.rejected_lek), 0) AS rejected_lek
      FROM billing_billinganswer a JOIN billing_issuedfile f ON f.id = a.file_id
      WHERE f.month = %(month)s AND a.state = 'taken') a
"""
# The entries that a file has a line of, as billing/month/export.py gives one.
BILLED = f"""
SELECT count(*) AS billed, coalesce(sum(e.total), 0) AS billed_lek
FROM (SELECT id, {BILL_LEK} AS total FROM billing_billentry WHERE month = %(month)s) e
WHERE e.total <> 0 OR (
    e.id IN (SELECT b.entry_id FROM ({ON_THE_BILLS}) b)
    AND NOT EXISTS (SELECT FROM billing_parkedentry p
                    WHERE p.entry_id = e.id AND p.resolution = 'credited'))
"""  # noqa: S608 - only our own fragments are joined in


@dataclass(frozen=True)
class AnsweredMonth:
    """Where a month stands with fixed billing. Lines, and Lek."""

    files: int
    files_unanswered: int
    issued: int
    issued_lek: int
    accepted: int
    accepted_lek: int
    rejected: int
    rejected_lek: int
    waiting: int = 0
    settled_at: datetime | None = None

    @property
    def unanswered(self) -> int:
        return self.issued - self.accepted - self.rejected

    @property
    def unanswered_lek(self) -> int:
        return self.issued_lek - self.accepted_lek - self.rejected_lek

    @property
    def is_answered(self) -> bool:
        """Whether every file and every line of it has its answer, and nothing waits."""
        left = (self.unanswered, self.unanswered_lek, self.files_unanswered, self.waiting)
        return self.files > 0 and left == (0, 0, 0, 0)


def standing_of(month: date) -> AnsweredMonth:
    """Count it now, from files, answers and what waits. Reads only."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"month": month})
        names = [column.name for column in cursor.description]
        sums = {n: int(v) for n, v in zip(names, cursor.fetchone(), strict=True)}
    entries = ParkedEntry.objects
    waiting = entries.waiting().filter(month=month).count() + entries.resolved_since(month).count()
    settled = Settlement.objects.filter(month=month).first()
    return AnsweredMonth(
        **sums, waiting=waiting, settled_at=settled.settled_at if settled else None
    )


def billed(month: date) -> tuple[int, int]:
    """Return how many entries of the month have a bill, and what they come to, in Lek."""
    with connection.cursor() as cursor:
        cursor.execute(BILLED, {"month": month})
        count, amount_lek = cursor.fetchone()
    return int(count), int(amount_lek)


def settle_if_even(month: date, at: datetime) -> Settlement | None:
    """Write down that the month is settled, if it is. Repeated, it changes nothing.

    The caller holds the month's row or a parked entry of it.
    """
    seen = standing_of(month)
    if seen.settled_at or not seen.is_answered:
        return None
    large_statements()
    count, amount_lek = billed(month)
    if (count, amount_lek) != (seen.accepted, seen.accepted_lek):
        return None
    return Settlement.objects.create(
        month=month,
        settled_at=at,
        issued=seen.issued,
        issued_lek=seen.issued_lek,
        rejected=seen.rejected,
        rejected_lek=seen.rejected_lek,
        accepted=seen.accepted,
        accepted_lek=seen.accepted_lek,
        billed=count,
        billed_lek=amount_lek,
    )
