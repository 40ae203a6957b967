"""Move the clock of a demonstration forward, to see what a month or a deadline brings (R37)."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from superfamilja.clock import portal_clock
from superfamilja.clock.models import ClockShift
from superfamilja.data.database import constraint_of, one_row


class ClockIsRealError(Exception):
    """This database has served in production: its clock is never moved."""


def shift_clock(*, ahead_by: timedelta, reason: str) -> datetime:
    """Move the portal's clock forward and return the moment that it shows then.

    Raises ClockIsRealError in a database of production, ValueError for a step that is not forward.
    Other processes notice within `portal_clock.MEASURED_FOR` seconds.
    """
    if ahead_by <= timedelta(0):
        raise ValueError("The clock moves forward only.")
    try:
        with transaction.atomic():
            shifted_at = one_row("SELECT clock_timestamp() AS at", {})["at"]
            ClockShift.objects.create(ahead_by=ahead_by, reason=reason, shifted_at=shifted_at)
    except IntegrityError as error:
        if constraint_of(error) != "clock_is_real":
            raise
        raise ClockIsRealError(
            "This database serves in production: its clock is never moved."
        ) from error
    portal_clock.measure_again()
    return portal_clock.now()
