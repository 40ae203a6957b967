"""Take a file in, by whatever channel it comes: each file once, by its hash.

Nothing of the base changes here. The worker looks at the file next (carrying.py).
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from groups.base_import.reading import rows_said
from groups.incoming import keeping
from groups.incoming.keeping import KeptFile
from groups.incoming.models import FileKind, FileState, IncomingFile
from groups.incoming.refusals import FileRefusal, HereAlready, LoadedBefore, RowsNotSaid
from groups.models import BaseImport
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.data.database import constraint_of
from superfamilja.refusal import Refusal
from superfamilja.values import texts

LONGEST_NAME = 200


@transaction.atomic
def receive_file(
    *,
    kept: KeptFile,
    name: str,
    kind: FileKind,
    at: datetime,
    rows: int | None = None,
    actor: User | None = None,
) -> IncomingFile:
    """Put a file that lies in keeping.py into the register; `rows` is how many it should have.

    `actor` is None for the watched folder. Raises LoadedBefore, HereAlready, RowsNotSaid,
    AccountHeld.
    """
    holding.require_free(actor, at)  # R35
    require_new(kind, kept.sha256)
    if rows is None and rows_said(keeping.path_of_hash(kept.sha256)) is None:
        raise RowsNotSaid
    name = texts.clean(name)[:LONGEST_NAME].strip() or "?"
    try:
        with transaction.atomic():
            file = IncomingFile.objects.create(
                kind=kind,
                name=name,
                sha256=kept.sha256,
                size=kept.size,
                rows_said=rows,
                received_at=at,
                received_by=actor,
                state=FileState.RECEIVED,
            )
    except IntegrityError as error:  # somebody sent the same file in the same moment
        if constraint_of(error) != "incoming_each_file_once":
            raise
        require_new(kind, kept.sha256)
        raise
    acts.record("receive_file", actor=actor, at=at, reason=name, file=file.pk, sha256=file.sha256)
    return file


def require_new(kind: FileKind, sha256: str) -> None:
    """Raise LoadedBefore or HereAlready when the same file is loaded or on its way."""
    before = IncomingFile.objects.here().filter(kind=kind, sha256=sha256)
    if file := before.select_related("received_by", "confirmed_by").first():
        raise _said_of(file)
    if kind != FileKind.SUBSCRIBERS:
        return
    by_command = BaseImport.objects.filter(
        file_sha256=sha256, step="done", incoming_file=None, undone_at=None
    )
    if run := by_command.select_related("actor").last():
        who = run.actor.shown_name if run.actor else ""
        raise LoadedBefore(who=who, when=run.finished_at or run.started_at)


def refused_at_the_door(
    *, kept: KeptFile, name: str, kind: FileKind, refusal: FileRefusal, at: datetime
) -> IncomingFile:
    """Write down a file of the watched folder that was not taken: nobody stood there to be told."""
    return IncomingFile.objects.create(
        kind=kind,
        name=texts.clean(name)[:LONGEST_NAME].strip() or "?",
        sha256=kept.sha256,
        size=kept.size,
        received_at=at,
        state=FileState.REFUSED,
        ended_at=at,
        refusal=in_each_language(refusal),
    )


def in_each_language(refusal: Refusal) -> dict[str, str]:
    """The sentence, as a page shows it later in its reader's language."""
    return {language: refusal.text(language) for language in ("sq", "en")}


def _said_of(file: IncomingFile) -> FileRefusal:
    if file.state == FileState.LOADED and file.confirmed_by:
        return LoadedBefore(who=file.confirmed_by.shown_name, when=file.ended_at)
    who = file.received_by.shown_name if file.received_by else ""
    return HereAlready(who=who, when=file.received_at, state=file.state)
