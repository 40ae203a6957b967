"""A line that is down is left alone but for one attempt now and then; the database remembers it.

While it is down activations are accepted and wait where they are; when it is back they all go.
"""

from datetime import datetime

from django.db.models import F

from klikon.provisioning.line import schedule
from klikon.provisioning.models import Line, Order, OrderState

TROUBLES = 5  # in a row


def is_down(at: datetime) -> bool:
    """True while what is activated arrives in minutes and not at once."""
    return Line.objects.filter(down_since__lte=at).exists()


def lets_through(at: datetime) -> bool:
    """May an attempt be made now? While the line is down: one, whenever it is tried again."""
    line = Line.objects.filter(open_until__isnull=False).first()
    if line is None:
        return True
    return bool(
        Line.objects.filter(open_until=line.open_until, open_until__lte=at).update(
            open_until=at + schedule.probe()
        )
    )


def heard(*, trouble: bool, at: datetime) -> None:
    """Count what an attempt met. Writes nothing while all is well."""
    if trouble:
        _trouble(at)
        return
    well = {"failures": 0, "down_since": None, "open_until": None}
    if Line.objects.filter(down_since__isnull=False).update(**well):
        # Each was told to come later, and longer each time; what they waited for is over. Those
        # that may have arrived keep their lease: somebody may be talking for them just now.
        Order.objects.filter(state=OrderState.ORDERED, maybe_sent=False, next_at__gt=at).update(
            next_at=at
        )
    Line.objects.exclude(failures=0, open_until=None).update(**well)


def _trouble(at: datetime) -> None:
    failures = F("failures") + 1
    Line.objects.filter(failures__lt=TROUBLES).update(failures=failures)
    Line.objects.filter(failures__gte=TROUBLES, open_until=None).update(
        down_since=at, open_until=at + schedule.probe()
    )
