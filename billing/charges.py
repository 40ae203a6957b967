"""Post a charge: the one statement that keeps a contract within its limit (R9, R10, R12)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from billing.models import BillEntry, BillMonth, MonthState
from superfamilja.data.advisory_locks import ENTRY_LOCK, MONTH_LOCK
from superfamilja.data.database import first_row, one_row, prepared
from superfamilja.values.months import month_number, month_of


@dataclass(frozen=True)
class Posted:
    """A charge that was posted: its row, its entry, and the month's total after it, in Lek."""

    charge_id: int
    entry_id: int
    spent: int


# The entry is touched last and only if the price still fits, in one statement, so that two
# requests can never both take the last room (E11); a closed month takes nothing more (R13).
# R12: the entry belongs to the contract and the month, whatever happens to groups.
# They wait in a queue: those who wait for a row are all woken each time, and the luckiest goes on.
_POST = """
WITH queue AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(%(queue)s, hashint8(%(contract)s))
), entry AS (
    INSERT INTO billing_billentry AS e (contract_id, month, spent, ceiling)
    SELECT %(contract)s::bigint, %(month)s::date, %(amount)s::int, %(limit)s::int
    FROM queue
    WHERE %(amount)s::int <= %(limit)s::int
      AND NOT EXISTS (
          SELECT FROM billing_billmonth WHERE month = %(month)s::date AND state <> 'open')
    ON CONFLICT (contract_id, month) DO UPDATE
        SET spent = e.spent + EXCLUDED.spent, ceiling = greatest(e.ceiling, EXCLUDED.ceiling)
        WHERE e.spent + EXCLUDED.spent <= EXCLUDED.ceiling
    RETURNING e.id, e.spent
)
INSERT INTO billing_charge (contract_id, entry_id, month, amount_lek, reference, text, state,
                            accepted_at, spent_after, limit_then)
SELECT %(contract)s::bigint, entry.id, %(month)s::date, %(amount)s::int, %(reference)s, %(text)s,
       'held', %(at)s::timestamptz, entry.spent, %(limit)s::int
FROM entry
RETURNING id AS charge_id, entry_id, spent_after AS spent
"""


def post_charge(
    *,
    contract_id: int,
    month: date,
    amount_lek: int,
    limit_lek: int,
    reference: str,
    text: str,
    at: datetime,
) -> Posted | None:
    """Post a held charge if the month's total stays within `limit_lek`.

    The caller holds the month's lock (shared). None: it no longer fits, or the month is closed;
    nothing was written.
    """
    row = first_row(
        _POST,
        {
            "queue": ENTRY_LOCK,
            "contract": contract_id,
            "month": month,
            "amount": amount_lek,
            "limit": limit_lek,
            "reference": reference,
            "text": text,
            "at": at,
        },
    )
    return Posted(**row) if row else None


def lock_month_exclusively(month: date) -> None:
    """Wait for every posting to this month to end, and let none begin before the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [MONTH_LOCK, month_number(month)])


def is_closed(month: date) -> bool:
    """True when nothing posts to this month any more (R13)."""
    return BillMonth.objects.filter(month=month).exclude(state=MonthState.OPEN).exists()


def spent(contract_id: int, month: date) -> int:
    """What the cap counts in this month so far, in Lek (R10, R12)."""
    entry = BillEntry.objects.filter(contract_id=contract_id, month=month).first()
    return entry.spent if entry else 0


def open_month(at: datetime) -> date:
    """The month that a correction of this moment lands in, its lock taken (shared).

    The month of `at` if it is still open; else the calendar month now, which cannot be closed.
    """
    month = month_of(at)
    lock_months_shared(month)
    if not is_closed(month):
        return month
    month = month_of(one_row("SELECT clock_timestamp() AS now", {})["now"])
    lock_months_shared(month)
    return month


def lock_months_shared(*months: date) -> None:
    """Keep these months from closing until the commit; earliest first."""
    with prepared() as cursor:
        for month in sorted(set(months)):
            cursor.execute(
                "SELECT pg_advisory_xact_lock_shared(%s::int, %s::int)",
                [MONTH_LOCK, month_number(month)],
            )


def add_to_entry(
    contract_id: int, month: date, *, adjusted_lek: int = 0, carried_in_lek: int = 0
) -> int:
    """Add to what the month's bill has beside `spent`; the entry's id. The caller holds the month's
    lock. Neither counts against the cap (R13, R29).
    """
    row = one_row(
        """
        INSERT INTO billing_billentry AS e
               (contract_id, month, spent, ceiling, adjusted, carried_in)
        VALUES (%(contract)s::bigint, %(month)s::date, 0, 0, %(adjusted)s::int, %(carried)s::int)
        ON CONFLICT (contract_id, month) DO UPDATE
            SET adjusted = e.adjusted + EXCLUDED.adjusted,
                carried_in = e.carried_in + EXCLUDED.carried_in
        RETURNING id
        """,
        {
            "contract": contract_id,
            "month": month,
            "adjusted": adjusted_lek,
            "carried": carried_in_lek,
        },
    )
    return int(row["id"])
