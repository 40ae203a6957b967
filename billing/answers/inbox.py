"""Answers that fixed billing puts into ANSWERS_DIR.

They come in under another name and are renamed when they are whole; only .csv and .txt are read.
After its commit each goes into `taken/` or `kept/` beside them. A file that stays, because its
move failed, is the same bytes: it counts once.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from billing.answers import taking
from billing.models import AnswerState
from superfamilja.epoch import standing

log = logging.getLogger(__name__)

ENDINGS = {".csv", ".txt"}
LARGEST = 512 * 1024 * 1024
_FOLDERS = {AnswerState.TAKEN: "taken", AnswerState.REFUSED: "kept"}


def take_what_came(at: datetime) -> list[taking.Taken]:
    """Take each file of the folder, by name. One that cannot be read stops no other."""
    folder: Path | None = settings.ANSWERS_DIR
    if folder is None or standing.why_halted():  # R36
        return []
    took = []
    for path in _files(folder):
        try:
            taken = _take(path, at)
        except Exception:
            # It stays where it is, and comes again at the next look.
            log.exception("An answer of fixed billing could not be taken.")
            continue
        if taken:
            took.append(taken)
    return took


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        log.error("ANSWERS_DIR is no folder.")
        return
    for path in sorted(folder.iterdir()):
        is_one = path.suffix.lower() in ENDINGS and not path.name.startswith(".")
        if is_one and path.is_file() and not path.is_symlink():
            yield path


def _take(path: Path, at: datetime) -> taking.Taken | None:
    if not 0 < path.stat().st_size <= LARGEST:
        log.error("An answer of fixed billing is empty or too large; it is not read.")
        return None
    took = taking.take_answer(content=path.read_bytes(), name=path.name, at=at)
    beside = path.parent / _FOLDERS[AnswerState(took.answer.state)]
    beside.mkdir(exist_ok=True)
    path.replace(beside / f"{took.answer.sha256[:12]}-{path.name}")
    return took
