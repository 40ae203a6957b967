"""Keep the moments of a history in order: its rows are only added and ended."""

from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet


def not_before(at: datetime, rows: QuerySet[Any], *moments: str) -> datetime:
    """Return `at`, or the newest of these moments of the rows where that is later.

    Timestamps must follow lock order: never earlier than the latest recorded change, even if the
    clock of this caller is behind. The caller holds the lock that guards the rows.
    """
    newest: dict[str, datetime | None] = rows.aggregate(*map(Max, moments))
    return max([at, *filter(None, newest.values())])
