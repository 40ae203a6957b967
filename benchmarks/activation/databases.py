"""Databases of the benchmark: one template a size, and copies for single runs."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from superfamilja.embedded_postgres import server

ROOT = Path(__file__).resolve().parent.parent.parent
DATA_DIR = ROOT / "var" / "postgres"
_WORLD = Path(__file__).with_name("world.sql")


def name_of(what: str) -> str:
    """Return a name that no other run has."""
    return f"bench_{os.getpid()}_{what}"


def url_of(database: str) -> str:
    """Return its DATABASE_URL."""
    return f"postgres://{server.ROLE}@/{database}?host={server.socket_dir(DATA_DIR)}"


def make_world(database: str, contracts: int) -> None:
    """Make a database with that many contracts, by the product's migrations and world.sql."""
    admin(f"CREATE DATABASE {database} OWNER {server.ROLE}")
    for command in (("migrate", "-v0"), ("import_catalogue", "data/catalogue.csv")):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url_of(database)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with connect(database) as connection:
        for statement in _WORLD.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.execute(statement.replace(":contracts", str(contracts)).encode())


def copy(template: str, database: str) -> None:
    """Make a fresh copy, completely written to disk."""
    drop(database)
    admin(f"CREATE DATABASE {database} TEMPLATE {template} OWNER {server.ROLE} STRATEGY FILE_COPY")
    admin("CHECKPOINT")


def drop(database: str) -> None:
    """Drop it, whoever is connected."""
    admin(f"DROP DATABASE IF EXISTS {database} (FORCE)")


def count(database: str, *tables: str) -> dict[str, int]:
    """Return how many rows each table has."""
    with connect(database) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()[0]  # noqa: S608
            for table in tables
        }


def connect(database: str) -> psycopg.Connection:
    """Connect as the server's superuser, who may switch triggers off."""
    return psycopg.connect(
        host=str(server.socket_dir(DATA_DIR)), user="postgres", dbname=database, autocommit=True
    )


def admin(sql: str) -> None:
    with connect("postgres") as connection:
        connection.execute(sql.encode())
