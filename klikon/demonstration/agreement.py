"""The light: do activations, charges and provisioning agree? SQL counts, Python judges.

Each activation has one charge and one order; settled ⇔ delivered, reversed ⇔ not possible, held ⇔
not known yet; an entry's `spent` is the sum of its lines. Rows that a person was already asked to
look at (a parked entry, a person's own reversal) do not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.month.totals import COUNTS_IN_ITS_MONTH

# Kind of disagreement → (words, the register of the row).
DISAGREEMENTS: dict[str, tuple[str | Promise, str]] = {
    "no_order": (_("Activations without an order"), "klikon_activation"),
    "no_activation": (_("Charges without an activation"), "billing_charge"),
    "settled_not_done": (
        _("Charges that stand although the package was not delivered"),
        "provisioning_order",
    ),
    "done_not_settled": (
        _("Packages delivered whose charge does not stand"),
        "provisioning_order",
    ),
    "failed_not_reversed": (
        _("Packages that are not possible and are still charged"),
        "provisioning_order",
    ),
    "spent_differs": (_("Bill entries that differ from their charges"), "billing_billentry"),
}


class Colour(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Count:
    """How many rows disagree, and the id of one of them."""

    number: int = 0
    example: int | None = None


@dataclass(frozen=True)
class Disagreement:
    """A disagreement in words, its number, and the register and id of one row."""

    what: str | Promise
    number: int
    register: str
    example: int | None


@dataclass(frozen=True)
class Light:
    """Green: all agree. Amber: something is on its way. Red: the disagreements, in words."""

    colour: Colour
    on_its_way: int = 0
    for_a_person: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)


def judge(counts: Mapping[str, Count]) -> Light:
    """Return the light for these counts; a missing count is zero."""
    found = [
        Disagreement(what, counts[name].number, register, counts[name].example)
        for name, (what, register) in DISAGREEMENTS.items()
        if name in counts and counts[name].number
    ]
    on_its_way = counts.get("on_its_way", Count()).number
    colour = Colour.RED if found else Colour.AMBER if on_its_way else Colour.GREEN
    return Light(colour, on_its_way, counts.get("for_a_person", Count()).number, found)


def light() -> Light:
    """Return the light now."""
    return judge(_counted())


# Two cases are no disagreement: an order sent again after it was forgotten keeps its settled
# charge, and an order whose charge was reversed before it was sent stops by itself.
_COUNT = f"""
WITH told AS (
    SELECT a.id AS activation_id, o.id AS order_id, o.state AS delivery, o.forgotten,
           c.state AS charge, c.credited_lek = c.amount_lek AS credited_whole,
           r.actor_id IS NOT NULL AS by_a_person
    FROM klikon_activation a
    JOIN billing_charge c ON c.id = a.charge_id
    LEFT JOIN provisioning_order o ON o.reference = a.reference
    LEFT JOIN billing_reversal r ON r.charge_id = c.id
), lines AS (
    SELECT e.id AS entry_id, e.spent,
           coalesce(sum(c.amount_lek) FILTER (WHERE {COUNTS_IN_ITS_MONTH}), 0)
               AS counted
    FROM billing_billentry e
    LEFT JOIN billing_charge c ON c.entry_id = e.id
    LEFT JOIN billing_carriedcharge k ON k.charge_id = c.id AND k.withdrawn_at IS NULL
    WHERE NOT EXISTS (
        SELECT FROM billing_parkedentry p WHERE p.entry_id = e.id AND p.withdrawn_at IS NULL)
    GROUP BY e.id
)
SELECT 'no_order', count(*), max(activation_id) FROM told WHERE order_id IS NULL
UNION ALL
SELECT 'no_activation', count(*), max(c.id) FROM billing_charge c
    WHERE NOT EXISTS (SELECT FROM klikon_activation a WHERE a.charge_id = c.id)
UNION ALL
SELECT 'settled_not_done', count(*), max(order_id) FROM told
    WHERE charge = 'settled' AND (
        delivery = 'person' OR delivery IN ('ordered', 'unknown') AND forgotten = 0)
UNION ALL
SELECT 'done_not_settled', count(*), max(order_id) FROM told
    WHERE delivery = 'done' AND (charge = 'held' OR charge = 'reversed' AND NOT by_a_person)
       OR delivery = 'person' AND charge = 'reversed'
UNION ALL
SELECT 'failed_not_reversed', count(*), max(order_id) FROM told
    WHERE delivery = 'failed' AND (charge = 'held' OR charge = 'settled' AND NOT credited_whole)
UNION ALL
SELECT 'spent_differs', count(*), max(entry_id) FROM lines WHERE spent <> counted
UNION ALL
SELECT 'on_its_way', count(*), max(order_id) FROM told WHERE delivery IN ('ordered', 'unknown')
UNION ALL
SELECT 'for_a_person', count(*), max(order_id) FROM told WHERE delivery = 'person'
"""  # noqa: S608 - only our own fragments are joined in


def _counted() -> dict[str, Count]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        return {name: Count(number, example) for name, number, example in cursor.fetchall()}
