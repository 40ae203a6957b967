"""What the database says, in Python's words; and statements that it plans once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import Error, connection
from django.db.backends.utils import CursorWrapper


def constraint_of(error: Error) -> str | None:
    """Name of the constraint that an IntegrityError speaks of."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return diagnostics.constraint_name if diagnostics else None


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """A cursor whose statements PostgreSQL parses and plans once a connection.

    Django's own cursor writes the values into the text, so that every statement is new to the
    server; here they travel beside it. Write types out where the text does not show them
    (`%(month)s::date`). Django's errors, query counts and wrappers are as everywhere.
    """
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        yield cursor


def one_row(sql: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first row of a prepared statement as column → value, or None."""
    with prepared() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        if row is None:
            return None
        return dict(zip([column.name for column in cursor.description], row, strict=True))


@contextmanager
def pipeline() -> Iterator[None]:
    """Statements inside leave without waiting for each other's answers: one round trip for all."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
