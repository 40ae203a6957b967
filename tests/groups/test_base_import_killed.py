"""Kill an import half-way with kill -9; the next run continues and ends at the same base."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from groups.management.commands.make_base import make

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]
HOST = str(settings.DATABASES["default"]["HOST"])
MADE = "SELECT FROM groups_contract WHERE number LIKE 'SF1______'"
WHAT_CAME_OUT = """
    SELECT c.number, c.fixed_number, c.status, c.owner_nid, c.owner_name, c.contact_msisdn,
           c.contact_email, c.service_address, c.store_code, g.opened_on, g.closed_on,
           m.msisdn, m.name, m.plan, m.seat, m.joined_on, m.left_on
    FROM groups_contract c LEFT JOIN groups_group g ON g.contract_id = c.id
    LEFT JOIN groups_membership m ON m.group_id = g.id ORDER BY 1, 10, 12, 16
"""


def admin(sql: str) -> None:
    with psycopg.connect(host=HOST, user="postgres", dbname="postgres", autocommit=True) as server:
        server.execute(sql)


def rows(database: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(host=HOST, user="portal", dbname=database) as server:
        return server.execute(sql).fetchall()


def manage(database: str, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": f"postgres://portal@/{database}?host={HOST}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def two_bases() -> Iterator[tuple[str, str]]:
    """Make two empty databases, because the killed process must really commit."""
    names = (f"import_broken_{os.getpid()}", f"import_whole_{os.getpid()}")
    template = connection.settings_dict["TEST"]["TEMPLATE"]
    try:
        for name in names:
            admin(f"CREATE DATABASE {name} TEMPLATE {template} OWNER portal")
        yield names
    finally:
        for name in names:
            admin(f"DROP DATABASE IF EXISTS {name} (FORCE)")


def kill_half_way(database: str, file: Path) -> int:
    """Import in small batches, kill -9 when some are done, and return how many."""
    process = manage(database, "import_base", str(file), "--batch-contracts", "10")
    deadline = time.monotonic() + 300
    try:
        while process.poll() is None and time.monotonic() < deadline:
            done = rows(database, "SELECT batches_done FROM groups_baseimport")
            if done and int(str(done[0][0])) >= 3:
                break
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return int(str(rows(database, "SELECT batches_done FROM groups_baseimport")[0][0]))


@pytest.mark.parametrize("staging_lost", [False, True])
def test_a_killed_import_goes_on_to_the_same_base(tmp_path: Path, staging_lost: bool) -> None:
    file = tmp_path / "base.csv"
    make(1500, 5, file)
    with two_bases() as (broken, whole):
        assert kill_half_way(broken, file) >= 3
        assert 0 < len(rows(broken, MADE)) < 1500
        assert rows(broken, "SELECT finished_at FROM groups_baseimport") == [(None,)]
        if staging_lost:  # as after a crash of the server, which empties unlogged tables
            with psycopg.connect(host=HOST, user="portal", dbname=broken) as server:
                server.execute("TRUNCATE base_import_run, base_import_row")
        assert manage(broken, "import_base", str(file)).wait(300) == 0
        assert manage(whole, "import_base", str(file)).wait(300) == 0
        assert rows(broken, WHAT_CAME_OUT) == rows(whole, WHAT_CAME_OUT)
        figures = "SELECT figures, step FROM groups_baseimport"
        assert rows(broken, figures) == rows(whole, figures)
        assert len(rows(broken, MADE)) == 1500
