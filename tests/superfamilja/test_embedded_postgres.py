"""The embedded PostgreSQL is found and restarted, and says clearly when it cannot run."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from superfamilja.embedded_postgres import base, cluster, programs, server
from superfamilja.embedded_postgres.programs import EmbeddedPostgresError


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a cluster of this module's own, never the project's."""
    directory = tmp_path_factory.mktemp("embedded") / "pg"
    yield directory
    server.stop(directory)


def kill_9(data_dir: Path) -> None:
    pid = int((data_dir / "postmaster.pid").read_text().split("\n")[0])
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}/stat").exists() and not _is_zombie(pid):
        time.sleep(0.02)


def _is_zombie(pid: int) -> bool:
    return ") Z " in Path(f"/proc/{pid}/stat").read_text()


def wrapper(data_dir: Path, **options: object) -> base.EmbeddedDatabase:
    from django.db import connections  # noqa: PLC0415 - settings are ready only now

    settings = connections.configure_settings(
        {
            "default": {
                **server.django_database(data_dir),
                "OPTIONS": options,
                "CONN_HEALTH_CHECKS": True,
            }
        }
    )["default"]
    return base.EmbeddedDatabase(settings, alias=f"test-{data_dir}-{len(options)}")


def one(backend: base.EmbeddedDatabase) -> int:
    """Run SELECT 1 on a connection of Django's backend, pooled or not, and give it back."""
    connection = backend.get_new_connection(backend.get_connection_params())
    try:
        return int(connection.execute("SELECT 1").fetchone()[0])
    finally:
        backend.pool.putconn(connection) if backend.pool else connection.close()


@pytest.mark.full
def test_three_starters_at_once_start_one_server(data_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from superfamilja.embedded_postgres import server; "
        "print(server.ensure_started(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(data_dir)]
    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(lambda _n: subprocess.check_output(command, text=True), range(3)))
    assert sorted(line.strip() for line in said) == ["False", "False", "True"]


def test_a_server_killed_with_9_is_there_for_the_next_connection(data_dir: Path) -> None:
    server.ensure_started(data_dir)
    kill_9(data_dir)
    connection = wrapper(data_dir)
    assert one(connection) == 1


def test_a_pool_finds_a_server_killed_with_9_again_at_once(data_dir: Path) -> None:
    server.ensure_started(data_dir)
    connection = wrapper(data_dir, pool={"min_size": 2, "max_size": 4})
    assert one(connection) == 1
    kill_9(data_dir)
    began = time.monotonic()
    assert one(connection) == 1
    assert time.monotonic() - began < 25  # the pool alone gives up after 30 s
    connection.close_pool()


def test_a_stale_pid_file_with_somebody_elses_number_does_not_stop_the_start(
    data_dir: Path,
) -> None:
    server.ensure_started(data_dir)
    server.stop(data_dir)
    with subprocess.Popen(["sleep", "60"]) as somebody:
        (data_dir / "postmaster.pid").write_text(f"{somebody.pid}\n{data_dir}\n")
        (server.socket_dir(data_dir) / ".s.PGSQL.5432.lock").write_text(f"{somebody.pid}\n")
        assert server.ensure_started(data_dir)
        somebody.kill()


@pytest.mark.full
def test_a_directory_that_was_removed_under_its_server_is_made_anew(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    server.ensure_started(data_dir)
    shutil.rmtree(data_dir)
    assert server.ensure_started(data_dir)
    assert one(wrapper(data_dir)) == 1
    server.stop(data_dir)


def test_a_database_that_a_killed_start_did_not_make_is_made(data_dir: Path) -> None:
    server.ensure_started(data_dir)
    with psycopg.connect(
        host=str(server.socket_dir(data_dir)), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute("DROP DATABASE portal WITH (FORCE)")
    assert not server.ensure_started(data_dir)
    connection_again = wrapper(data_dir)
    assert one(connection_again) == 1


def test_others_connected_counts_everyone_but_the_asker(data_dir: Path) -> None:
    server.ensure_started(data_dir)
    host = str(server.socket_dir(data_dir))
    with psycopg.connect(host=host, user="postgres", dbname="postgres") as admin:
        # Wait until clients that have just left are really gone.
        admin.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        assert server.others_connected(data_dir) == 1
        with psycopg.connect(host=host, user="portal", dbname="portal"):
            assert server.others_connected(data_dir) == 2


def test_a_half_made_cluster_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pg.new-99").mkdir()
    (tmp_path / "pg.new-99" / "PG_VERSION").write_text("18")
    monkeypatch.setattr(programs, "run_program", lambda *arguments, **_: Path(arguments[2]).mkdir())
    cluster.require(tmp_path / "pg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pg"]


def test_something_else_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(EmbeddedPostgresError, match="not a PostgreSQL cluster"):
        cluster.require(tmp_path)


def test_a_cluster_of_another_version_is_told(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 17, and this is 18"):
        cluster.require(tmp_path)


def test_a_temporary_directory_too_long_for_a_socket_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.tempfile, "gettempdir", lambda: "/tmp/" + "x" * 80)  # noqa: S108
    with pytest.raises(EmbeddedPostgresError, match="Set TMPDIR=/tmp"):
        server.ensure_started(tmp_path / "pg")


def test_root_without_user_namespaces_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "unshare"
    fake.write_text("#!/bin/sh\necho 'unshare: failed: not permitted' >&2\nexit 1")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs.os, "geteuid", lambda: 0)
    with pytest.raises(EmbeddedPostgresError, match="Run as an ordinary user, or set DATABASE_URL"):
        programs.run_program("initdb")
