"""Pages on the disk, under names that nobody can guess. Which row they belong to, rows know.

A name carries the SHA-256 of what it names, so that a damaged page is never shown. Pages are
written before the row is committed; what a crash leaves in between is found by `orphans`.
"""

import hashlib
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.conf import settings

from superfamilja.uploads.pages import Page
from superfamilja.uploads.refusals import PageLost

log = logging.getLogger(__name__)

_UNFINISHED = ".part"
_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}-([0-9a-f]{64})\.jpg(?:\.part)?")
_ASKED_AT_ONCE = 1_000


def keep(pages: Iterable[Page]) -> list[str]:
    """Write each page; the names, in their order. All of them are on the disk, or none is."""
    names: list[str] = []
    try:
        for page in pages:
            key = secrets.token_hex(16)
            names.append(f"{key[:2]}/{key[2:4]}/{key}-{page.sha256}.jpg")
            _write(_path(names[-1]), page.jpeg)
    except BaseException:
        forget(names)
        raise
    return names


def open_page(name: str) -> bytes:
    """The JPEG that was kept under that name, whole. Raises PageLost, or ValueError for what is no
    name of ours."""
    try:
        content = _path(name).read_bytes()
    except OSError as error:
        log.error("A kept page cannot be read: %s", error)
        raise PageLost from error
    if hashlib.sha256(content).hexdigest() != _of_ours(name)[1]:
        log.error("A kept page is not what was written: %s", name)
        raise PageLost
    return content


def forget(names: Iterable[str]) -> None:
    """Remove them; one that is gone already is no error."""
    for name in names:
        path = _path(name)
        for file in (path, path.with_name(path.name + _UNFINISHED)):
            file.unlink(missing_ok=True)


def orphans(known: Callable[[list[str]], Iterable[str]], older_than: datetime) -> Iterator[str]:
    """Names of files last written before that moment which no row knows, for `forget`.

    `known` is asked with at most a thousand names and gives back those that a row has. Leave
    younger ones their time: their row may be about to be committed.
    """
    old = (
        str(path.relative_to(settings.UPLOADS_DIR))
        for path in settings.UPLOADS_DIR.glob("??/??/*")
        if path.stat().st_mtime < older_than.timestamp()
    )
    ours = (name for name in old if _NAME.fullmatch(name))
    while names := list(islice(ours, _ASKED_AT_ONCE)):
        yield from sorted(set(names).difference(known(names)))


def _of_ours(name: str) -> re.Match[str]:
    found = _NAME.fullmatch(name)
    if not found:
        raise ValueError("That is no name of a kept page.")
    return found


def _path(name: str) -> Path:
    return Path(settings.UPLOADS_DIR, _of_ours(name)[0])


def _write(path: Path, content: bytes) -> None:
    """Under its name it is whole, also after a power cut; no other account can read it."""
    folders = [path.parents[2], path.parents[1], path.parent]
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(path.name + _UNFINISHED)
    with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    for folder in reversed(folders):
        _sync(folder)


def _sync(folder: Path) -> None:
    """What a folder lists is on the disk only then."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
