"""Make the data directory completely or not at all, and recognise one that is something else."""

import os
import shutil
from pathlib import Path

from superfamilja.embedded_postgres import programs
from superfamilja.embedded_postgres.programs import EmbeddedPostgresError

_MAJOR = "18"


def require(data_dir: Path) -> None:
    """Ensure a cluster of our version at `data_dir`. The caller holds the directory's lock.

    Raises EmbeddedPostgresError when something else is there.
    """
    version = data_dir / "PG_VERSION"
    if version.exists():
        found = version.read_text().strip()
        if found != _MAJOR:
            raise EmbeddedPostgresError(
                f"{data_dir} was made by PostgreSQL {found}, and this is {_MAJOR}. Move it away "
                "for a new demonstration, or set DATABASE_URL."
            )
        return
    if data_dir.exists() and any(data_dir.iterdir()):
        raise EmbeddedPostgresError(
            f"{data_dir} holds something that is not a PostgreSQL cluster. Move it away."
        )
    _create(data_dir)


def _create(data_dir: Path) -> None:
    for left in data_dir.parent.glob(f"{data_dir.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    # Built beside its place and renamed, so that a kill leaves no half-made directory. The process
    # number in the name avoids an initdb that outlived its killed parent.
    fresh = data_dir.with_name(f"{data_dir.name}.new-{os.getpid()}")
    programs.run_program(
        "initdb",
        "-D",
        str(fresh),
        "-U",
        "postgres",
        "--auth=trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",
    )
    if data_dir.exists():
        data_dir.rmdir()
    fresh.rename(data_dir)
