"""Count the figures of a month: what was charged, taken off and billed."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from django.db import connection, transaction

from billing.models import BILL_LEK, BillMonth
from billing.month import totals
from superfamilja.data.database import large_statements


@dataclass(frozen=True)
class Figures:
    """Counts, and amounts in Lek (`…_lek`). `bills_lek` leaves out the parked entries.

    When nothing is parked: charged − reversed − credited − carried out + carried in = bills.
    Always: charges − reversals = activations. A charge that left the month for good while it was
    held counts as unreversed here, whatever happened to it later.
    """

    charges: int = 0
    charged_lek: int = 0
    activations: int = 0
    reversals: int = 0
    reversed_lek: int = 0
    credits: int = 0
    credited_lek: int = 0
    carried_out: int = 0
    carried_out_lek: int = 0
    carried_in: int = 0
    carried_in_lek: int = 0
    parked: int = 0
    parked_lek: int = 0
    entries: int = 0
    bills_lek: int = 0

    def minus(self, other: "Figures") -> "Figures":
        """Return the difference, figure by figure."""
        return Figures(
            **{f.name: getattr(self, f.name) - getattr(other, f.name) for f in fields(Figures)}
        )


_LIVE = f"""
SELECT * FROM (
    SELECT count(*) AS charges, coalesce(sum(c.amount_lek), 0) AS charged_lek,
           count(*) FILTER (WHERE {totals.COUNTS_IN_ITS_MONTH}) AS activations,
           count(*) FILTER (WHERE NOT {totals.COUNTS_IN_ITS_MONTH}) AS reversals,
           coalesce(sum(c.amount_lek) FILTER (WHERE NOT {totals.COUNTS_IN_ITS_MONTH}), 0)
               AS reversed_lek,
           count(k.id) AS carried_out,
           coalesce(sum(c.amount_lek) FILTER (WHERE k.id IS NOT NULL), 0) AS carried_out_lek
    FROM billing_charge c
    LEFT JOIN billing_carriedcharge k ON k.charge_id = c.id AND k.withdrawn_at IS NULL
    WHERE c.month = %(month)s
) charges, (
    SELECT count(*) AS credits, coalesce(sum(amount_lek), 0) AS credited_lek
    FROM billing_credit WHERE month = %(month)s
) credits, (
    SELECT count(*) AS carried_in, coalesce(sum(c.amount_lek), 0) AS carried_in_lek
    FROM billing_carriedcharge k JOIN billing_charge c ON c.id = k.charge_id
    WHERE k.into_month = %(month)s
) carried_in, (
    SELECT count(p.id) AS parked,
           count(*) - count(p.id) AS entries,
           coalesce(sum(e.total) FILTER (WHERE p.id IS NOT NULL), 0) AS parked_lek,
           coalesce(sum(e.total) FILTER (WHERE p.id IS NULL), 0) AS bills_lek
    FROM (
        SELECT id, {BILL_LEK} AS total
        FROM billing_billentry WHERE month = %(month)s
    ) e
    LEFT JOIN billing_parkedentry p
           ON p.entry_id = e.id AND p.resolution IS NULL AND p.withdrawn_at IS NULL
) entries
"""  # noqa: S608 - only our own fragments are joined in

_DIFFERS = " OR ".join(f"{name} <> lines_{name}" for name in totals.FIGURES)
# Carrying changes an entry and its lines by the same amount, so they agree after it as before.
_CLOSE = f"""
SELECT coalesce(sum(held), 0) AS carried_out, coalesce(sum(held_lek), 0) AS carried_out_lek,
       count(*) FILTER (WHERE parked) AS parked, count(*) FILTER (WHERE NOT parked) AS entries,
       coalesce(sum(total) FILTER (WHERE parked), 0) AS parked_lek,
       coalesce(sum(total) FILTER (WHERE NOT parked), 0) AS bills_lek
FROM (
    SELECT {_DIFFERS} AS parked, coalesce(h.held, 0) AS held, coalesce(h.lek, 0) AS held_lek,
           {BILL_LEK} - coalesce(h.lek, 0) AS total
    FROM ({totals.PER_ENTRY}) counted
    LEFT JOIN (
        SELECT entry_id, count(*) AS held, sum(amount_lek) AS lek FROM billing_charge
        WHERE month = %(month)s AND state = 'held' GROUP BY entry_id
    ) h USING (entry_id)
) entries
"""  # noqa: S608 - only our own fragments are joined in


def if_closed(month: date) -> Figures:
    """Return the figures of closing this open month now. It only reads, and blocks nobody."""
    with transaction.atomic():
        large_statements()
        now = live(month)
        after = _counted(_CLOSE, {"month": month, "entry": None, "contract": None})
    # A charge that an earlier close carried for good stays carried.
    after["carried_out"] += now.carried_out
    after["carried_out_lek"] += now.carried_out_lek
    return replace(now, **after)


def live(month: date) -> Figures:
    """Count the figures now, from the rows."""
    return Figures(**_counted(_LIVE, {"month": month}))


def _counted(sql: str, values: dict[str, Any]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description]
        return {n: int(v) for n, v in zip(names, cursor.fetchone(), strict=True)}


def of_month(month: date) -> Figures:
    """Return the figures of the close; for an open month, the present ones."""
    row = BillMonth.objects.filter(month=month).first()
    return Figures(**row.figures) if row and row.figures else live(month)
