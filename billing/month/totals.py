"""What the lines of a month say, entry by entry, counted in SQL.

The invariant, for an entry of a month M:

    spent       = charges of M that were not reversed, and those that were carried out of M
    carried_out = charges of M that were still held at its close
    carried_in  = charges of earlier months that settled after their close, in M
    adjusted    = − credits that landed in M
    the bill    = BILL_LEK in billing/models/money.py

A carried charge that is reversed after the close is on no bill: it stays in `spent`, which no
longer changes, and in `carried_out`, which takes it off again.
"""

from typing import Any

from django.db import connection

from billing.models import BillEntry, not_reversed

FIGURES = ("spent", "adjusted", "carried_out", "carried_in")
# The charge c counts in its own month; k is its row of billing_carriedcharge in force.
COUNTS_IN_ITS_MONTH = f"({not_reversed('c')} OR k.id IS NOT NULL)"

# One entry when %(entry)s and %(contract)s are given, every entry of the month when they are NULL.
PER_ENTRY = f"""
SELECT e.id AS entry_id, e.contract_id, e.month,
       e.spent, coalesce(l.spent, 0)::int AS lines_spent,
       e.adjusted, coalesce(a.adjusted, 0)::int AS lines_adjusted,
       e.carried_out, coalesce(l.carried_out, 0)::int AS lines_carried_out,
       e.carried_in, coalesce(i.carried_in, 0)::int AS lines_carried_in
FROM billing_billentry e
LEFT JOIN (
    SELECT c.entry_id,
           sum(c.amount_lek) FILTER (WHERE {COUNTS_IN_ITS_MONTH}) AS spent,
           sum(c.amount_lek) FILTER (WHERE k.id IS NOT NULL) AS carried_out
    FROM billing_charge c
    LEFT JOIN billing_carriedcharge k ON k.charge_id = c.id AND k.withdrawn_at IS NULL
    WHERE c.month = %(month)s AND (%(entry)s::bigint IS NULL OR c.entry_id = %(entry)s::bigint)
    GROUP BY c.entry_id
) l ON l.entry_id = e.id
LEFT JOIN (
    SELECT entry_id, -sum(amount_lek) AS adjusted
    FROM billing_credit
    WHERE month = %(month)s AND (%(entry)s::bigint IS NULL OR entry_id = %(entry)s::bigint)
    GROUP BY entry_id
) a ON a.entry_id = e.id
LEFT JOIN (
    SELECT k.contract_id, sum(c.amount_lek) AS carried_in
    FROM billing_carriedcharge k JOIN billing_charge c ON c.id = k.charge_id
    WHERE k.into_month = %(month)s
      AND (%(contract)s::bigint IS NULL OR k.contract_id = %(contract)s::bigint)
    GROUP BY k.contract_id
) i ON i.contract_id = e.contract_id
WHERE e.month = %(month)s AND (%(entry)s::bigint IS NULL OR e.id = %(entry)s::bigint)
"""  # noqa: S608 - only our own fragments are joined in


def of_entry(entry: BillEntry) -> dict[str, int]:
    """Return what the entry's lines say of each of FIGURES, in Lek."""
    with connection.cursor() as cursor:
        cursor.execute(
            PER_ENTRY,
            {"month": entry.month, "entry": entry.pk, "contract": entry.contract_id},
        )
        names = [column.name for column in cursor.description]
        row: dict[str, Any] = dict(zip(names, cursor.fetchone(), strict=True))
    return {name: row[f"lines_{name}"] for name in FIGURES}
