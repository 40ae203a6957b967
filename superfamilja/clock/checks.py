"""System check: in production nobody has moved the clock (R37)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from superfamilja.clock.models import ClockShift


@register(Tags.database)
def the_clock_is_the_databases(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Production refuses a database whose clock was moved for a demonstration."""
    if settings.MODE != "production" or not databases or not _was_moved():
        return []
    return [
        Error(
            "The clock of this database was moved: it has been a demonstration's.",
            hint="Production needs a database of its own: docs/operations.md.",
            id="clock.E001",
        )
    ]


def _was_moved() -> bool:
    if ClockShift._meta.db_table not in connection.introspection.table_names():
        return False  # not migrated yet
    return ClockShift.objects.exists()
