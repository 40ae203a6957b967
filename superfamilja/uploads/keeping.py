"""Keep pages on disk under names that nobody can guess; the rows know which ones are theirs.

A name carries the SHA-256 of the page, so that a damaged page is never shown. Pages are written
before their row is committed; `orphans` finds what a crash leaves behind.
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
    """Write each page and return the names in order. Either all of them are on disk, or none."""
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
    """Return the JPEG of that name, verified. Raise PageLost, or ValueError for a foreign name."""
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
    """Remove the pages; a missing one is no error."""
    for name in names:
        path = _path(name)
        for file in (path, path.with_name(path.name + _UNFINISHED)):
            file.unlink(missing_ok=True)


def orphans(known: Callable[[list[str]], Iterable[str]], older_than: datetime) -> Iterator[str]:
    """Return names of files older than that moment that no row knows, for `forget`.

    `known` receives at most a thousand names and returns those that a row has. Choose an early
    moment, because the rows of younger files may not be committed yet.
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
    """Write the file completely, safe against a power cut, readable by no other account."""
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
    """Flush the folder, because only then its entry is on disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
