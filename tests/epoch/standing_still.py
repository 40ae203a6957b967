"""Make a database that stands still, for tests of the comparison."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from klikon.comparison.models import ComparedOrder, Comparison, Difference
from superfamilja.epoch.models import Halt

TAKEN = datetime(2026, 11, 5, 13, 5, tzinfo=UTC)


def halted() -> Halt:
    """Make a halt whose books are not compared yet."""
    return Halt.objects.create(noticed_at=timezone.now(), why="reloaded")


def compared(halt: Halt) -> Comparison:
    return Comparison.objects.create(
        halt=halt, since=TAKEN, made_at=timezone.now(), theirs=1, ours=0
    )


def line(halt: Halt, msisdn: str, reference: str = "KN-LOST-0001", **more: Any) -> ComparedOrder:
    """Make a line for an order that the charging system has delivered and we do not have."""
    fields = {
        "difference": Difference.MISSING_HERE,
        "msisdn": msisdn,
        "package_code": "S700",
        "state": "done",
        "taken_at": TAKEN,
        "ordered_at": TAKEN,
    }
    comparison = halt.comparisons.first() or compared(halt)
    return ComparedOrder.objects.create(
        halt=halt, comparison=comparison, reference=reference, **{**fields, **more}
    )
