"""Start, find and stop the embedded PostgreSQL, without Django."""

import fcntl
import hashlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from superfamilja.embedded_postgres import cluster, programs
from superfamilja.embedded_postgres.programs import EmbeddedPostgresError

SOCKET = ".s.PGSQL.5432"
ROLE = DATABASE = "portal"
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "maintenance_work_mem": "256MB",
    "log_min_duration_statement": "-1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def socket_dir(data_dir: Path) -> Path:
    """Return the directory of the server's socket. It is short: socket paths end at 107 bytes."""
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"klikon-pg-{os.getuid()}-{digest}"


def django_database(data_dir: Path) -> dict[str, object]:
    """Return the entry for Django's DATABASES; it starts no server."""
    return {
        "ENGINE": "superfamilja.embedded_postgres",
        "NAME": DATABASE,
        "USER": ROLE,
        "HOST": str(socket_dir(data_dir)),
        "EMBEDDED_DIR": str(data_dir),
    }


def is_running(data_dir: Path) -> bool:
    """Return whether the server of this directory takes connections."""
    try:
        _connect(data_dir, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def ensure_started(data_dir: Path) -> bool:
    """Start the server unless it runs. Many processes may call it at once.

    Return True when this call started it. Raise EmbeddedPostgresError with what to do.
    """
    if _serves_portal(data_dir):
        return False
    _require_short(socket_dir(data_dir))
    with _only_one(data_dir):
        started = not is_running(data_dir)
        if started:
            cluster.require(data_dir)
            _start(data_dir)
        _create_database(data_dir)
        return started


def stop(data_dir: Path) -> bool:
    """Stop the server cleanly; return whether it was running."""
    if not (data_dir / "postmaster.pid").exists():
        return False
    with _only_one(data_dir):
        stopped = programs.run_program(
            "pg_ctl", "-D", str(data_dir), "stop", "-m", "fast", "-w", check=False
        )
        return stopped.returncode == 0


def others_connected(data_dir: Path) -> int:
    """Return how many other clients are connected at this moment."""
    with _connect(data_dir, "postgres") as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(row[0]) if row else 0


def _connect(data_dir: Path, role: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(
        host=str(socket_dir(data_dir)), user=role, dbname=role, autocommit=True, connect_timeout=5
    )


def _serves_portal(data_dir: Path) -> bool:
    try:
        _connect(data_dir, ROLE).close()
    except psycopg.OperationalError:
        return False
    return True


def _require_short(sockets: Path) -> None:
    # The kernel's limit for a socket's path, without its closing zero.
    if len(os.fsencode(sockets / SOCKET)) > 107:
        raise EmbeddedPostgresError(
            f"The directory for temporary files has too long a name for a socket: {sockets}. "
            "Set TMPDIR=/tmp, or DATABASE_URL to your own PostgreSQL."
        )


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with (data_dir.parent / f"{data_dir.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(data_dir: Path) -> None:
    sockets = socket_dir(data_dir)
    sockets.mkdir(mode=0o700, exist_ok=True)
    if sockets.stat().st_uid != os.getuid():
        raise EmbeddedPostgresError(f"{sockets} belongs to somebody else; remove it.")
    sockets.chmod(0o700)
    options = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
    log = data_dir.with_suffix(".log")
    arguments = ("-o", f"{options} -k '{sockets}'", "-l", str(log))
    deadline = time.monotonic() + 30
    while True:
        _forget_dead_postmaster(data_dir)
        before = log.stat().st_size if log.exists() else 0
        done = programs.run_program(
            "pg_ctl", "-D", str(data_dir), "start", "-w", "-t", "60", *arguments, check=False
        )
        if done.returncode == 0 or is_running(data_dir):
            return
        tail = log.read_bytes()[before:].decode(errors="replace") if log.exists() else ""
        # After kill -9 the children of the old server take a moment to notice and leave.
        if "shared memory" not in tail or time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL did not start:\n{tail or done.stderr}"
            )
        time.sleep(0.2)


def _forget_dead_postmaster(data_dir: Path) -> None:
    """Remove the lock files of a killed server whose process number another process has now.

    PostgreSQL itself handles a number without a process, and refuses one that a process has.
    """
    for lock in (data_dir / "postmaster.pid", socket_dir(data_dir) / f"{SOCKET}.lock"):
        if not lock.exists():
            continue
        pid = lock.read_text().split("\n", 1)[0].strip()
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if os.fsencode(data_dir) not in arguments:
            lock.unlink()
            continue
        _require_same_sockets(data_dir, arguments)
        if not _is_of(pid, data_dir):
            _end(int(pid))


def _is_of(pid: str, data_dir: Path) -> bool:
    """Return whether this running server serves the directory as it is now.

    When the directory was removed and made anew, the old server runs on for a while and holds the
    socket.
    """
    lock = data_dir / "postmaster.pid"
    return lock.exists() and lock.read_text().split("\n", 1)[0].strip() == pid


def _end(pid: int) -> None:
    """Stop the server at once and wait until it is gone; its directory no longer exists."""
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        time.sleep(0.1)


def _require_same_sockets(data_dir: Path, arguments: list[bytes]) -> None:
    sockets = socket_dir(data_dir)
    if os.fsencode(sockets) not in arguments:
        raise EmbeddedPostgresError(
            f"The PostgreSQL of {data_dir} already runs, but not with its socket in {sockets}: it "
            "was started with another TMPDIR. Stop it there (make stop), or set the same TMPDIR."
        )


def _create_database(data_dir: Path) -> None:
    with _connect(data_dir, "postgres") as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
