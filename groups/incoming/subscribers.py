"""The engine of the subscriber file: base_import looks and loads, for every channel alike."""

from datetime import datetime

from django.conf import settings
from django.db import connection

from groups.base_import import ImportRunningError, import_base, preview
from groups.incoming import keeping
from groups.incoming.engines import ROWS_KEPT, EngineBusy, Looked, keep_rows
from groups.incoming.models import IncomingFile, PreviewedRow, RowKind
from groups.models import BaseImport
from superfamilja.data.progress import Report

_KEEP = """
    INSERT INTO incoming_previewedrow (file_id, kind, line, contract_number, code, value, other)
    SELECT %s, %s, line, left(contract_number, 80), code, coalesce(value, ''), coalesce(other, '')
    FROM ({rows}) AS found (line, contract_number, code, value, other) ORDER BY line LIMIT %s
"""


def look(file: IncomingFile, at: datetime, report: Report) -> Looked:
    """Everything but the merge; what it would change stays beside the file, row by row."""
    file.previewed_rows.all().delete()
    counts: dict[str, int] = {}
    members = preview.members_now()
    try:
        outcome = import_base(
            keeping.path_of(file),
            at=at,
            dry_run=True,
            rows=file.rows_said,
            report=report,
            look=lambda: counts.update(_keep_rows(file)),
        )
    except ImportRunningError as error:
        raise EngineBusy from error
    figures = outcome.figures
    if preview.many_leave(figures, members):
        counts["suspicious"] += 1
        _say_how_many_leave(file, figures["members_left"], members)
    changed = figures["contracts_new"] + figures["contracts_touched"]
    is_large = changed > settings.INCOMING_SECOND_PERSON_CONTRACTS
    return Looked(figures | counts, needs_second=is_large or counts["suspicious"] > 0)


def load(file: IncomingFile, at: datetime, report: Report) -> dict[str, int]:
    """Bring it into the base in the name of who confirmed it; a killed run goes on."""
    run = _run_of(file)
    if run is None:
        try:
            import_base(
                keeping.path_of(file),
                at=at,
                actor=file.confirmed_by,
                reason=file.reason,
                rows=file.rows_said,
                report=report,
                expected=file.figures,
            )
        except ImportRunningError as error:
            raise EngineBusy from error
        run = _run_of(file)
    assert run is not None  # noqa: S101 - it has just ended
    file.base_import = run
    figures: dict[str, int] = file.figures | run.figures
    return figures


def _run_of(file: IncomingFile) -> BaseImport | None:
    """The finished run of this very load, also when the worker died right after it.

    There was none when the file came in (receiving.require_new).
    """
    done = BaseImport.objects.filter(file_sha256=file.sha256, step="done", undone_at=None)
    return done.filter(incoming_file=None).last()


def _keep_rows(file: IncomingFile) -> dict[str, int]:
    counts = {"plan": preview.mark()}
    with connection.cursor() as cursor:
        for kind, rows in preview.shown_rows().items():
            cursor.execute(_KEEP.format(rows=rows), [file.pk, kind, ROWS_KEPT])
            counts[kind] = cursor.rowcount
            if counts[kind] == ROWS_KEPT:
                cursor.execute(f"SELECT count(*) FROM ({rows}) found")
                counts[kind] = cursor.fetchone()[0]
    return counts


def _say_how_many_leave(file: IncomingFile, leaving: int, members: int) -> None:
    row = PreviewedRow(
        file=file,
        kind=RowKind.SUSPICIOUS,
        line=0,
        code="many_leave",
        value=str(leaving),
        other=str(members),
    )
    keep_rows([row])
