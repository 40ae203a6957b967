"""When what is tried or asked again. Pure; the settings say how long, for tests in seconds."""

import random
from datetime import datetime, timedelta

from django.conf import settings

LONGEST_WAIT = timedelta(minutes=10)
PATIENCE = timedelta(days=1)  # how long one that was never taken is tried
FORGOTTEN_AT_MOST = 3


def lease() -> timedelta:
    """How long an attempt may take before it is given up for dead."""
    return timedelta(seconds=settings.PROVISIONING_LEASE)


def try_again(tries: int) -> timedelta:
    """Twice as long each time, up to ten minutes; the upper half by chance, so that those who
    were turned away together do not come back together."""
    whole = min(
        settings.PROVISIONING_FIRST_WAIT * 2 ** min(tries, 20), LONGEST_WAIT.total_seconds()
    )
    return timedelta(seconds=whole * random.uniform(0.5, 1))  # noqa: S311 - no secret


def ask_next(silent_since: datetime, asks: int) -> datetime | None:
    """When a silent one is asked for: 5 minutes, 1 hour, 1 day; None: a person's task by then."""
    waits = settings.PROVISIONING_ASK_AFTER
    return silent_since + timedelta(seconds=waits[asks]) if asks < len(waits) else None


def confirm() -> timedelta:
    """How long after its yes the charging system is asked whether it still knows it."""
    return timedelta(seconds=settings.PROVISIONING_CONFIRM_AFTER)


def probe() -> timedelta:
    """How often a line that is down is tried by one order."""
    return timedelta(seconds=settings.PROVISIONING_PROBE_AFTER)
