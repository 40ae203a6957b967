"""Dump, restore, copy and rewind databases of a test's own, never the one that all tests share."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from superfamilja.embedded_postgres.programs import path_of
from superfamilja.epoch import standing


def forget_what_was_seen() -> None:
    """Make this process like a new one, which has looked at nothing yet."""
    standing._known = standing._Known()


@contextmanager
def made(name: str, template: str) -> Iterator[str]:
    """Copy a database from that one, and drop it at the end."""
    _drop(name)
    _outside(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        _drop(name)


def go_to(name: str) -> None:
    """Connect there from now on, like a process that starts anew."""
    connection.close()
    connection.settings_dict["NAME"] = name
    forget_what_was_seen()


def dump(to: Path) -> Path:
    """Back the present database up, as docs/operations.md says."""
    _run("pg_dump", "--format=custom", f"--file={to}", str(connection.settings_dict["NAME"]))
    return to


def restore(backup: Path, name: str) -> None:
    """Follow docs/operations.md: an empty database of that name, and the backup in it."""
    connection.close()
    _drop(name)
    _outside(f'CREATE DATABASE "{name}"')
    _run("pg_restore", "--exit-on-error", f"--dbname={name}", str(backup))
    go_to(name)


def restore_over(backup: Path) -> None:
    """Drop the tables and load them again in the same database."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    _run("pg_restore", "--clean", "--if-exists", "--exit-on-error", f"--dbname={name}", str(backup))
    go_to(name)


def _run(program: str, *arguments: str) -> None:
    where = connection.settings_dict
    command = [path_of(program), "-h", str(where["HOST"]), "-U", str(where["USER"]), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 0, done.stderr


def _drop(name: str) -> None:
    """Without WITH (FORCE), which may not end an autovacuum worker; a plain DROP ends it itself."""
    _outside(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name}' AND usename = current_user"
    )
    _outside(f'DROP DATABASE IF EXISTS "{name}"')


def _outside(sql: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)
