"""Post a charge by the one statement that keeps a contract within its limit (R9, R10, R12)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from billing.models import BillEntry, BillMonth, MonthState
from superfamilja.data.advisory_locks import ENTRY_LOCK, MONTH_LOCK
from superfamilja.data.database import first_row, one_row, prepared
from superfamilja.values.months import month_number, month_of


@dataclass(frozen=True)
class Posted:
    """A posted charge: its row, its entry, and the month's total after it, in Lek."""

    charge_id: int
    entry_id: int
    spent: int


# One statement adds to the entry only if the price still fits, so that two requests can never both
# take the last room (E11). A closed month takes nothing more (R13). The entry belongs to the
# contract and the month, whatever happens to groups (R12). Requests wait in a queue, because a row
# lock wakes all of them at each commit and lets any of them go first.
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

    The caller holds the month's lock (shared). Return None, and write nothing, when the charge no
    longer fits or the month is closed.
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
    """Wait until every posting to this month has ended, and block new ones until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [MONTH_LOCK, month_number(month)])


def is_closed(month: date) -> bool:
    """Return True when nothing posts to this month any more (R13)."""
    return BillMonth.objects.filter(month=month).exclude(state=MonthState.OPEN).exists()


def spent(contract_id: int, month: date) -> int:
    """Return what the cap counts in this month so far, in Lek (R10, R12)."""
    entry = BillEntry.objects.filter(contract_id=contract_id, month=month).first()
    return entry.spent if entry else 0


def open_month(at: datetime) -> date:
    """Return the month that takes a correction made at this moment, and lock it (shared).

    This is the month of `at` if it is still open, otherwise the current calendar month, which
    cannot be closed.
    """
    month = month_of(at)
    lock_months_shared(month)
    if not is_closed(month):
        return month
    month = month_of(one_row("SELECT portal_now() AS now", {})["now"])
    lock_months_shared(month)
    return month


def lock_months_shared(*months: date) -> None:
    """Lock these months shared, earliest first, so that none closes before the commit."""
    with prepared() as cursor:
        for month in sorted(set(months)):
            cursor.execute(
                "SELECT pg_advisory_xact_lock_shared(%s::int, %s::int)",
                [MONTH_LOCK, month_number(month)],
            )


def add_to_entry(
    contract_id: int, month: date, *, adjusted_lek: int = 0, carried_in_lek: int = 0
) -> int:
    """Add an adjustment or a carried charge to the month's entry, and return the entry's id.

    Neither counts against the cap (R13, R29). The caller holds the month's lock.
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
