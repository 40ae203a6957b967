"""The light of every staff page: that of the last comparison and of what stands open since.

Green: the books were compared not long ago, all sides answered, and nothing is open. Amber: a
difference is young, or nobody has looked for too long. Red: a difference is as old as its kind
allows, which for most is no age at all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise

from billing.reconciliation.kinds import KINDS
from superfamilja.data.database import one_row

_STANDS = """
SELECT (SELECT ended_at FROM billing_reconciliation
        WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1) AS compared_at,
       (SELECT silent <> '{}' FROM billing_reconciliation
        WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1) AS is_partial,
       (SELECT coalesce(jsonb_object_agg(kind, jsonb_build_array(number, oldest)), '{}')
        FROM (SELECT kind, count(*) AS number, extract(epoch FROM min(first_seen_at)) AS oldest
              FROM billing_discrepancy WHERE ended_at IS NULL GROUP BY kind) k) AS kinds
"""


class Colour(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class OpenKind:
    """How many differences of a kind are open, and how old the oldest is."""

    number: int
    age: timedelta


@dataclass(frozen=True)
class Light:
    """How the books stand, in one colour, and what it is made of."""

    colour: Colour
    compared_at: datetime | None
    is_old: bool
    is_partial: bool
    open: int

    @property
    def sign(self) -> str:
        """So that the colour is never the only sign."""
        return {Colour.GREEN: "✓", Colour.AMBER: "…", Colour.RED: "!"}[self.colour]


def judge(
    kinds: Mapping[str, OpenKind],
    *,
    compared_at: datetime | None,
    at: datetime,
    is_partial: bool = False,
) -> Light:
    """Return the light for these open differences and this last comparison."""
    patience = timedelta(hours=settings.RECONCILIATION_HOURS * 1.5)
    is_old = compared_at is None or compared_at < at - patience
    if any(_is_red(code, kind) for code, kind in kinds.items()):
        colour = Colour.RED
    elif kinds or is_old or is_partial:
        colour = Colour.AMBER
    else:
        colour = Colour.GREEN
    number = sum(kind.number for kind in kinds.values())
    return Light(colour, compared_at, is_old, is_partial, number)


def light(at: datetime) -> Light:
    """As it is now: one statement."""
    row = one_row(_STANDS, {})
    kinds = {
        code: OpenKind(int(number), at - datetime.fromtimestamp(float(oldest), at.tzinfo))
        for code, (number, oldest) in json.loads(row["kinds"]).items()
    }
    return judge(kinds, compared_at=row["compared_at"], at=at, is_partial=bool(row["is_partial"]))


def words(code: str) -> str | Promise:
    """What a kind is called; one that is no longer compared keeps its code."""
    return KINDS[code].words if code in KINDS else code


def _is_red(code: str, kind: OpenKind) -> bool:
    return code not in KINDS or kind.age >= KINDS[code].red_after
