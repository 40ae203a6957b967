"""The demonstration's light: the same books as on the staff's page, counted at each look.

What waits for a person, and what a person did, is no news here; the staff's page follows it up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Max
from django.utils.functional import Promise

from billing.reconciliation import comparing
from billing.reconciliation.kinds import COMPARISONS, KINDS
from billing.reconciliation.light import Colour
from klikon.provisioning.models import Order, OrderState
from superfamilja.clock import portal_clock

COMPARED = ("activations", "entries")
# What disagrees → the link of the row that is shown. Other kinds are on their way to a person.
DISAGREEMENTS = {
    "no_order": "activation",
    "no_activation": "charge",
    "settled_not_done": "order",
    "done_not_settled": "order",
    "failed_not_reversed": "order",
    "entry_differs": "entry",
}
REGISTERS = {
    "activation": "klikon_activation",
    "charge": "billing_charge",
    "order": "provisioning_order",
    "entry": "billing_billentry",
}


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
class LiveLight:
    """Green: all agree. Amber: something is on its way. Red: the disagreements, in words."""

    colour: Colour
    on_its_way: int = 0
    for_a_person: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)


def judge(counts: Mapping[str, Count]) -> LiveLight:
    """Return the light for these counts; a missing count is zero."""
    found = [
        Disagreement(KINDS[kind].words, counts[kind].number, REGISTERS[link], counts[kind].example)
        for kind, link in DISAGREEMENTS.items()
        if kind in counts and counts[kind].number
    ]
    on_its_way = counts.get("on_its_way", Count()).number
    colour = Colour.RED if found else Colour.AMBER if on_its_way else Colour.GREEN
    return LiveLight(colour, on_its_way, counts.get("for_a_person", Count()).number, found)


def light() -> LiveLight:
    """Return the light now."""
    return judge(_counted())


def _counted() -> dict[str, Count]:
    at, counts = portal_clock.now(), dict[str, Count]()
    for code in COMPARED:
        for kind, (number, links) in comparing.counted(COMPARISONS[code], at).items():
            if kind in DISAGREEMENTS:
                counts[kind] = Count(number, links.get(DISAGREEMENTS[kind]))
    moving = Order.objects.filter(state__in=[OrderState.ORDERED, OrderState.UNKNOWN])
    waiting = Order.objects.for_a_person()
    for name, orders in (("on_its_way", moving), ("for_a_person", waiting)):
        counts[name] = Count(orders.count(), orders.aggregate(last=Max("pk"))["last"])
    return counts
