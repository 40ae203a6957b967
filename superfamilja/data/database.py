"""Translate the database's errors and rows, and run statements that it plans only once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db import Error, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from psycopg.rows import RowFactory, dict_row, tuple_row

from superfamilja.data import patience

T = TypeVar("T")


def constraint_of(error: Error) -> str | None:
    """Return the name of the constraint that an IntegrityError reports."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return diagnostics.constraint_name if diagnostics else None


@contextmanager
def prepared(row_factory: RowFactory[Any] = tuple_row) -> Iterator[CursorWrapper]:
    """Open a cursor whose statements PostgreSQL parses and plans once a connection.

    Django's own cursor writes the values into the text, so that every statement is new to the
    server. Here the values travel beside the text. Write types out where the text does not show
    them (`%(month)s::date`). Django's errors, query counts and wrappers work as everywhere.
    """
    connection.ensure_connection()
    connection.validate_thread_sharing()
    plain = psycopg.Cursor(connection.connection, row_factory=row_factory)
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrapped(plain) as cursor:  # type: ignore[arg-type]  # Django hands in the same
        yield cursor


class NoRowError(LookupError):
    """A statement that always has a row had none, or something that is always there was not."""


def required(there: T | None) -> T:
    """Return what the rules or a CHECK promise to be there. Raises NoRowError."""
    if there is None:
        raise NoRowError
    return there


def one_row(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a prepared statement as column → value. Raises NoRowError."""
    row = first_row(sql, values)
    if row is None:
        raise NoRowError(sql)
    return row


def first_row(sql: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the first row of a prepared statement as column → value, or None."""
    with prepared(dict_row) as cursor:
        cursor.execute(sql, values)
        row: dict[str, Any] | None = cursor.fetchone()
        return row


def insert_last(row: Model, *writes: Callable[[], None]) -> None:
    """Run the writes and insert the row after them, all in one round trip.

    The row ends as `save(force_insert=True)` leaves it, with its id, but without signals. The
    writes read nothing, so that no statement waits for the answer of the one before.
    """
    fields = row._meta.local_concrete_fields[1:]  # the id comes first, and the database makes it
    values = [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
    with prepared() as cursor:
        with connection.wrap_database_errors, connection.connection.pipeline():
            for write in writes:
                write()
            cursor.execute(_insert_into(type(row)), values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insert_into(model: type[Model]) -> str:
    meta = model._meta
    columns = [f'"{field.column}"' for field in meta.local_concrete_fields[1:]]
    return (
        f'INSERT INTO "{meta.db_table}" ({", ".join(columns)}) '  # noqa: S608 - our own names
        f"VALUES ({', '.join(['%s'] * len(columns))}) RETURNING id"
    )


def large_statements() -> None:
    """Prepare this transaction for statements over a million rows."""
    with connection.cursor() as cursor:
        if patience.be_patient():
            long = f"{patience.LONG_SECONDS:.0f}s"
            cursor.execute(f"SET LOCAL statement_timeout = '{long}'")
            cursor.execute(f"SET LOCAL lock_timeout = '{long}'")
        # When a command is killed, its server process notices within a second and ends.
        cursor.execute("SET LOCAL client_connection_check_interval = '1s'")
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
