"""When to try or ask again. Pure; the settings give the times, in tests seconds."""

import random
from datetime import datetime, timedelta

from django.conf import settings

LONGEST_WAIT = timedelta(minutes=10)
PATIENCE = timedelta(days=1)  # how long an order that was never accepted is tried
FORGOTTEN_AT_MOST = 3


def lease() -> timedelta:
    """Return how long an attempt may take before it counts as dead."""
    return timedelta(seconds=settings.PROVISIONING_LEASE)


def try_again(tries: int) -> timedelta:
    """Return a wait that doubles each time, up to ten minutes.

    Its upper half is random, so that orders refused together do not return together.
    """
    whole = min(
        settings.PROVISIONING_FIRST_WAIT * 2 ** min(tries, 20), LONGEST_WAIT.total_seconds()
    )
    return timedelta(seconds=whole * random.uniform(0.5, 1))  # noqa: S311 - no secret


def ask_next(silent_since: datetime, asks: int) -> datetime | None:
    """Return when to ask about a silent order: 5 minutes, 1 hour, 1 day; then None (a person)."""
    waits = settings.PROVISIONING_ASK_AFTER
    return silent_since + timedelta(seconds=waits[asks]) if asks < len(waits) else None


def confirm() -> timedelta:
    """Return how long after its yes the charging system is asked about the order again."""
    return timedelta(seconds=settings.PROVISIONING_CONFIRM_AFTER)


def probe() -> timedelta:
    """Return how often one order may probe a broken line."""
    return timedelta(seconds=settings.PROVISIONING_PROBE_AFTER)
