"""What people decide about a file that was looked at: load it, agree to it, put it aside.

Each verb locks the file's row, and moves it on only from the state that the person saw.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from groups.incoming.models import FileState, IncomingFile
from groups.incoming.refusals import AgreedByYourself, FileMoved, PartlyLoaded
from groups.models import BaseImport
from groups.undoing.built_on import require_undoable
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts

_TO_PUT_ASIDE = (FileState.PREVIEWED, FileState.CONFIRMED, FileState.RECEIVED, FileState.FAILED)


@transaction.atomic
def confirm_file(
    *, file: IncomingFile, seen: datetime, at: datetime, actor: User, reason: str
) -> IncomingFile:
    """Let the worker load it, or ask for a second person where the preview says so (R35).

    `seen` is the moment of the preview that the person looked at. Raises FileMoved, ReasonMissing,
    AccountHeld.
    """
    file = _taken_up(file, [FileState.PREVIEWED], at=at, actor=actor, reason=reason)
    if file.previewed_at != seen:
        raise FileMoved
    file.confirmed_at, file.confirmed_by, file.reason = at, actor, reason.strip()
    file.refusal = None
    file.state = FileState.CONFIRMED if file.needs_second else FileState.READY
    return _decided(file, "confirm_file", at=at, actor=actor, reason=reason)


@transaction.atomic
def agree_to_file(
    *, file: IncomingFile, seen: datetime, at: datetime, actor: User, reason: str
) -> IncomingFile:
    """Say yes as a second person; the worker loads it then.

    Raises FileMoved, AgreedByYourself, ReasonMissing, AccountHeld.
    """
    file = _taken_up(file, [FileState.CONFIRMED], at=at, actor=actor, reason=reason)
    if file.previewed_at != seen:
        raise FileMoved
    require_another(file, actor)
    file.agreed_at, file.agreed_by, file.state = at, actor, FileState.READY
    return _decided(file, "agree_to_file", at=at, actor=actor, reason=reason)


def require_another(file: IncomingFile, actor: User) -> None:
    """Raise AgreedByYourself for whoever confirmed the file."""
    if file.confirmed_by_id == actor.pk:
        raise AgreedByYourself


@transaction.atomic
def discard_file(*, file: IncomingFile, at: datetime, actor: User, reason: str) -> IncomingFile:
    """Put it aside, unloaded; the same file may come in again. Raises FileMoved, PartlyLoaded,
    ReasonMissing, AccountHeld."""
    file = _taken_up(file, _TO_PUT_ASIDE, at=at, actor=actor, reason=reason)
    begun = BaseImport.objects.filter(file_sha256=file.sha256, finished_at=None, batches_done__gt=0)
    if begun.exclude(step="given_up").exists():
        raise PartlyLoaded
    file.state, file.ended_at = FileState.DISCARDED, at
    return _decided(file, "discard_file", at=at, actor=actor, reason=reason)


@transaction.atomic
def retry_file(*, file: IncomingFile, at: datetime, actor: User, reason: str) -> IncomingFile:
    """Let the worker try again what failed; a load goes on where it was.

    Raises FileMoved, ReasonMissing, AccountHeld.
    """
    file = _taken_up(file, [FileState.FAILED], at=at, actor=actor, reason=reason)
    file.state = FileState.READY if file.confirmed_by_id else FileState.RECEIVED
    file.ended_at, file.refusal = None, None
    return _decided(file, "retry_file", at=at, actor=actor, reason=reason)


@transaction.atomic
def undo_file(*, file: IncomingFile, at: datetime, actor: User, reason: str) -> IncomingFile:
    """Let the worker take a loaded subscriber file back.

    Raises FileMoved, ReasonMissing, AccountHeld, and why it cannot be taken back (groups.undoing).
    """
    file = _taken_up(file, [FileState.LOADED], at=at, actor=actor, reason=reason)
    if file.base_import is None:
        raise FileMoved
    require_undoable(file.base_import)
    file.state, file.undone_by, file.undo_reason = FileState.UNDOING, actor, reason.strip()
    file.refusal = None
    return _decided(file, "undo_file", at=at, actor=actor, reason=reason)


def _taken_up(
    file: IncomingFile,
    states: Collection[FileState],
    *,
    at: datetime,
    actor: User,
    reason: str,
) -> IncomingFile:
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)  # R35
    locked = IncomingFile.objects.select_for_update().get(pk=file.pk)
    if locked.state not in states:
        raise FileMoved
    return locked


def _decided(
    file: IncomingFile, verb: str, *, at: datetime, actor: User, reason: str
) -> IncomingFile:
    file.save()
    acts.record(verb, actor=actor, at=at, reason=reason, file=file.pk, sha256=file.sha256)
    return file
