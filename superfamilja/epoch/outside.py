"""Read and write the mark beside the database: one small file, whole or absent (EPOCH_FILE)."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from time import time


class UnreadableError(RuntimeError):
    """The file is no mark, or may not be read or written."""


@dataclass(frozen=True)
class Outside:
    """The database that was here (epoch, server, database, row), and the last mark.

    `cluster` is the server's system identifier, `timeline` changes at each promotion, `database`
    and `table` are object ids, `row` is the transaction that wrote the epoch's row.
    """

    epoch: str
    cluster: str = ""
    timeline: str = ""
    database: int = 0
    table: int = 0
    row: str = ""
    mark: int = 0
    mark_token: str = ""

    def as_json(self) -> dict[str, str | int]:
        """Return it as it stands in the file, and in what is kept of a halt."""
        return {
            "epoch": self.epoch,
            "cluster": self.cluster,
            "timeline": self.timeline,
            "database": self.database,
            "table": self.table,
            "row": self.row,
            "mark": self.mark,
            "mark_token": self.mark_token,
        }


def read(place: Path) -> Outside | None:
    """Return the mark, or None when there is none. Raise UnreadableError."""
    try:
        said = json.loads(place.read_text())
        return Outside(**{field.name: field.type_of(said[field.name]) for field in _FIELDS})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UnreadableError(f"{place}: {type(error).__name__}") from error


def age(place: Path) -> float:
    """Return the seconds since the mark was written."""
    try:
        return max(time() - place.stat().st_mtime, 0)
    except OSError:
        return float("inf")


def write(place: Path, mark: Outside, *, follows: Outside | None) -> None:
    """Write the mark, unless another process wrote a newer one of the same epoch.

    `follows` is what was read before. When the file is something else by now, it stays, because its
    writer knew more. Raise UnreadableError.
    """
    try:
        with _alone(place):
            now = read(place)
            if now != follows and (now is None or _is_newer(now, mark)):
                return
            _replace(place, json.dumps(mark.as_json(), indent=1) + "\n")
    except OSError as error:
        raise UnreadableError(f"{place}: {type(error).__name__}") from error


def forget(place: Path) -> None:
    """Remove the mark of a database that is gone for good (a demonstration's)."""
    place.unlink(missing_ok=True)


def _is_newer(now: Outside, mark: Outside) -> bool:
    return now.epoch != mark.epoch or now.mark >= mark.mark


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(place: Path, text: str) -> None:
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)


@dataclass(frozen=True)
class _Field:
    name: str
    type_of: type


_FIELDS = [_Field(f.name, int if f.type is int else str) for f in fields(Outside)]
