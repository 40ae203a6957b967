"""Issued files in OUTBOX_DIR, a folder that an SFTP server may show (R22).

The file comes first, then its checksum, and last the month's manifest: whoever waits for the
manifest finds whole files. Laid out again, each has the same bytes. A file that was fetched and
removed there does not come back by itself.
"""

import json
import logging
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from billing.models import IssuedFile
from billing.month import export
from billing.month.folder import write_whole
from superfamilja.epoch import standing

log = logging.getLogger(__name__)


def lay_out_all(at: datetime) -> list[IssuedFile]:
    """Put every file that is not there yet into the folder, oldest first."""
    done = []
    while issued := lay_out_next(at):
        done.append(issued)
    return done


def lay_out_next(at: datetime) -> IssuedFile | None:
    """Put the next one into OUTBOX_DIR. None: there is none, or no folder. Raises OSError.

    Killed before its commit, it comes again with the same bytes.
    """
    folder: Path | None = settings.OUTBOX_DIR
    if folder is None or standing.why_halted():  # R36
        return None
    with transaction.atomic():
        waiting = IssuedFile.objects.to_be_laid_out()
        # One at a time, in their order, because the files of a month share its manifest.
        issued = waiting.select_for_update().first()
        if issued is None:
            return None
        lay_out(issued, folder)
        issued.laid_out_at = at
        issued.save(update_fields=["laid_out_at"])
    log.info("%s is laid out.", issued.name)
    return issued


def lay_out(issued: IssuedFile, folder: Path) -> None:
    """Write the file, its checksum and the manifest of its month into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / issued.name, export.content_of(issued))
    write_whole(folder / f"{issued.name}.sha256", iter([export.checksum_of(issued)]))
    there = Q(laid_out_at__isnull=False) | Q(pk=issued.pk)
    files = list(IssuedFile.objects.filter(there, month=issued.month))
    write_whole(folder / manifest_name(issued.month), iter([manifest(files)]))


def manifest_name(month: date) -> str:
    """Return klikon-2026-10.manifest.json."""
    return f"klikon-{month:%Y-%m}.manifest.json"


def manifest(files: list[IssuedFile]) -> bytes:
    """Return what the folder holds of one month, in the order of its files."""
    said = [
        {
            "number": issued.number,
            "name": issued.name,
            "sha256": issued.sha256,
            "entries": issued.entries,
            "activations": issued.activations,
            "amount_lek": issued.amount_lek,
            "vat_lek": str(issued.vat_lek),
        }
        for issued in sorted(files, key=lambda file: file.number)
    ]
    return (json.dumps({"files": said}, indent=1) + "\n").encode()
