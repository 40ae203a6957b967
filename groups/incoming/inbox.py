"""The watched folder: whoever puts a whole `*.csv` there, by renaming it, has sent it in.

A file is first renamed into `.taken`, so that it is taken once; what a killed worker left there is
taken by the next one.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from groups.incoming import keeping, receiving
from groups.incoming.models import FileKind, IncomingFile
from groups.incoming.refusals import FileRefusal

log = logging.getLogger(__name__)

_TAKEN = ".taken"
_CHUNK = 1 << 20


def take_inbox(at: datetime) -> list[IncomingFile]:
    """Take every file that lies in INBOX_DIR into the register; one that is refused is there, too,
    with the reason."""
    if settings.INBOX_DIR is None or not settings.INBOX_DIR.is_dir():
        return []
    taken = settings.INBOX_DIR / _TAKEN
    taken.mkdir(mode=0o700, exist_ok=True)
    for path in sorted(settings.INBOX_DIR.glob("*.csv")):
        _rename(path, taken / f"{uuid4().hex} {path.name}")
    return [_register(path, at) for path in sorted(taken.iterdir()) if path.is_file()]


def _rename(path: Path, to: Path) -> None:
    try:
        path.rename(to)
    except FileNotFoundError:
        return  # another worker was there first
    except OSError:
        log.exception("A file of INBOX_DIR cannot be taken.")


def _register(path: Path, at: datetime) -> IncomingFile:
    name = path.name.partition(" ")[2]
    kind = _kind_of(name)
    kept = keeping.keep(_chunks(path))
    try:
        file = receiving.receive_file(kept=kept, name=name, kind=kind, at=at)
    except FileRefusal as refusal:
        file = receiving.refused_at_the_door(
            kept=kept, name=name, kind=kind, refusal=refusal, at=at
        )
    path.unlink()
    return file


def _kind_of(name: str) -> FileKind:
    """By how the name begins: catalogue…, promotions…; anything else is the subscriber file."""
    for kind in (FileKind.CATALOGUE, FileKind.PROMOTIONS):
        if name.lower().startswith(kind.value):
            return kind
    return FileKind.SUBSCRIBERS


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece
