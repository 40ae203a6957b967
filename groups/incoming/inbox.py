"""The watched folder: whoever puts a whole `*.csv` there, by renaming it, has sent it in.

A file is first renamed into `.taken`, so that it is taken once; what a killed worker left there is
taken by the next one.
"""

import logging
import os
import stat
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from groups.incoming import keeping, receiving
from groups.incoming.models import FileKind, IncomingFile
from groups.incoming.refusals import FileRefusal

log = logging.getLogger(__name__)

_TAKEN = ".taken"
_CHUNK = 1 << 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def take_inbox(at: datetime) -> list[IncomingFile]:
    """Take every file that lies in INBOX_DIR into the register; one that is refused is there, too,
    with the reason.

    The folder belongs to the sender, so that no link in it is followed.
    """
    inbox: Path | None = settings.INBOX_DIR
    if inbox is None or not inbox.is_dir():
        return []
    with suppress(FileExistsError):
        (inbox / _TAKEN).mkdir(mode=0o700)
    try:
        taken = os.open(inbox / _TAKEN, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        log.exception("INBOX_DIR/.taken is no folder of its own: nothing is taken.")
        return []
    try:
        for path in sorted(inbox.glob("*.csv")):
            _rename(path, f"{uuid4().hex} {path.name}", taken)
        files = [_register(name, taken, at) for name in sorted(os.listdir(taken))]
        return [file for file in files if file]
    finally:
        os.close(taken)


def _rename(path: Path, to: str, taken: int) -> None:
    try:
        os.rename(path, to, dst_dir_fd=taken)
    except FileNotFoundError:
        return  # another worker was there first
    except OSError:
        log.exception("A file of INBOX_DIR cannot be taken.")


def _register(own: str, taken: int, at: datetime) -> IncomingFile | None:
    """Return None for a file that cannot be taken now, so that the next one has its turn."""
    try:
        with open(os.open(own, _READ, dir_fd=taken), "rb") as source:
            if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                return None
            kept = keeping.keep(iter(partial(source.read, _CHUNK), b""))
        file = _received(kept, own.partition(" ")[2], at)
        os.unlink(own, dir_fd=taken)
    except Exception:
        log.exception("A file of INBOX_DIR cannot be taken.")
        return None
    return file


def _received(kept: keeping.KeptFile, name: str, at: datetime) -> IncomingFile:
    kind = _kind_of(name)
    try:
        return receiving.receive_file(kept=kept, name=name, kind=kind, at=at)
    except FileRefusal as refusal:
        return receiving.refused_at_the_door(
            kept=kept, name=name, kind=kind, refusal=refusal, at=at
        )


def _kind_of(name: str) -> FileKind:
    """By how the name begins: catalogue…, promotions…; anything else is the subscriber file."""
    for kind in (FileKind.CATALOGUE, FileKind.PROMOTIONS):
        if name.lower().startswith(kind.value):
            return kind
    return FileKind.SUBSCRIBERS
