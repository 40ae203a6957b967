"""What the worker does with files: look at each, load those that were agreed to, undo.

One worker at a time, by a lock that PostgreSQL gives back when its process dies. The file's row is
the memory: a run that was killed is simply made again, and a load goes on where it was.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from groups.base_import.reading import sha256_of
from groups.base_import.run import PlanDiffers
from groups.incoming import keeping
from groups.incoming.engines import EngineBusy, engine_of
from groups.incoming.models import FOR_THE_WORKER, FileState, IncomingFile
from groups.incoming.receiving import in_each_language
from groups.incoming.refusals import FileChangesMore, FileFailed, FileLost
from groups.incoming.telling import telling
from groups.undoing.undo_import import undo_import
from superfamilja.data.advisory_locks import INCOMING_FILES_LOCK
from superfamilja.data.csv_files import FileRefused
from superfamilja.data.progress import Report
from superfamilja.epoch.refusals import Halted
from superfamilja.refusal import Refusal

log = logging.getLogger(__name__)


def carry_out_next(at: datetime) -> IncomingFile | None:
    """Do what the file that waits longest needs; None when nothing waits or somebody else does it.

    Never raises because of one file: a file that fails says so, and the next one has its turn.
    """
    with _alone() as is_alone:
        if not is_alone:
            return None
        file = _next()
        if file is None:
            return None
        try:
            with telling(file) as report:
                if file.state != FileState.UNDOING:
                    _require_on_the_disk(file)
                _STEPS[FileState(file.state)](file, at, report)
        except (EngineBusy, Halted):
            return None
        except FileRefused as refused:
            _refuse(file, {"sq": refused.sq, "en": refused.en}, at)
        except FileLost as lost:
            _refuse(file, in_each_language(lost), at)
        except Exception:
            log.exception("File %s failed.", file.pk)
            _fail(file, at)
        return file


def _next() -> IncomingFile | None:
    waiting = IncomingFile.objects.filter(state__in=FOR_THE_WORKER)
    known = waiting.select_related("confirmed_by", "undone_by", "base_import")
    return known.order_by("pk").first()


def _look(file: IncomingFile, at: datetime, report: Report) -> None:
    looked = engine_of(file).look(file, at, report)
    _move(
        file,
        FileState.PREVIEWED,
        figures=looked.figures,
        needs_second=looked.needs_second,
        previewed_at=at,
    )


def _load(file: IncomingFile, at: datetime, report: Report) -> None:
    try:
        figures = engine_of(file).load(file, at, report)
    except PlanDiffers:
        nobody = dict.fromkeys(("confirmed_at", "confirmed_by", "agreed_at", "agreed_by"))
        why = in_each_language(FileChangesMore())
        _move(file, FileState.RECEIVED, refusal=why, **nobody)
        return
    _move(file, FileState.LOADED, figures=figures, ended_at=at, base_import=file.base_import)


def _undo(file: IncomingFile, at: datetime, report: Report) -> None:
    """A file on which something was built meanwhile stays loaded, and says why."""
    run, actor = file.base_import, file.undone_by
    if run is not None and actor is not None and run.undone_at is None:
        try:
            undo_import(run=run, at=at, actor=actor, reason=file.undo_reason)
        except Refusal as refusal:
            _move(file, FileState.LOADED, refusal=in_each_language(refusal), undone_by=None)
            return
    _move(file, FileState.UNDONE, ended_at=at)


_STEPS = {
    FileState.RECEIVED: _look,
    FileState.READY: _load,
    FileState.UNDOING: _undo,
}


def _refuse(file: IncomingFile, words: dict[str, str], at: datetime) -> None:
    _move(file, FileState.REFUSED, refusal=words, ended_at=at)


def _fail(file: IncomingFile, at: datetime) -> None:
    """Say that it failed. A file whose undoing failed is loaded as before."""
    why = in_each_language(FileFailed())
    if file.state == FileState.UNDOING:
        _move(file, FileState.LOADED, refusal=why, undone_by=None)
    else:
        _move(file, FileState.FAILED, refusal=why, ended_at=at)


def _move(file: IncomingFile, state: FileState, **also: object) -> None:
    """Only from the state in which it was taken up: somebody may have put it aside meanwhile."""
    here = IncomingFile.objects.filter(pk=file.pk, state=file.state)
    here.update(state=state, step="", done=0, total=0, **also)


def _require_on_the_disk(file: IncomingFile) -> None:
    path = keeping.path_of(file)
    if not path.is_file() or sha256_of(path) != file.sha256:
        raise FileLost


@contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [INCOMING_FILES_LOCK])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [INCOMING_FILES_LOCK])
