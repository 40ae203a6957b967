"""Leave a broken line alone but for one attempt now and then; the database remembers its state.

Activations are accepted meanwhile, and their orders wait. When the line works again they all go.
"""

from datetime import datetime

from django.db.models import F

from klikon.provisioning.line import schedule
from klikon.provisioning.models import Line, Order, OrderState

TROUBLES = 5  # in a row


def is_down(at: datetime) -> bool:
    """Return True while activations arrive in minutes instead of at once."""
    return Line.objects.filter(down_since__lte=at).exists()


def lets_through(at: datetime) -> bool:
    """Return whether an attempt may be made now; on a broken line only one at each probe."""
    line = Line.objects.filter(open_until__isnull=False).first()
    if line is None:
        return True
    return bool(
        Line.objects.filter(open_until=line.open_until, open_until__lte=at).update(
            open_until=at + schedule.probe()
        )
    )


def heard(*, trouble: bool, at: datetime) -> None:
    """Count the result of an attempt. It writes nothing while all is well."""
    if trouble:
        _trouble(at)
        return
    well = {"failures": 0, "down_since": None, "open_until": None}
    if Line.objects.filter(down_since__isnull=False).update(**well):
        # Each was told to come later, and longer each time; that wait is over now. Orders that may
        # have arrived keep their lease, because somebody may be asking about them just now.
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
