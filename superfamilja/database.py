"""What the database says, in Python's words."""

from typing import Any

from django.db import Error, connection


def constraint_of(error: Error) -> str | None:
    """Name of the constraint that an IntegrityError speaks of."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return diagnostics.constraint_name if diagnostics else None


def one_row(sql: str, values: dict[str, Any]) -> dict[str, Any] | None:
    """The first row of a statement as column → value, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        if row is None:
            return None
        return dict(zip([column.name for column in cursor.description], row, strict=True))
