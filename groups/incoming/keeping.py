"""Files on the disk, under their hash: INCOMING_DIR is shared by the web and the worker."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from groups.incoming.models import FOR_THE_WORKER, IncomingFile


@dataclass(frozen=True)
class KeptFile:
    """What lies on the disk now: its hash in hex and its size."""

    sha256: str
    size: int


def keep(chunks: Iterable[bytes]) -> KeptFile:
    """Write the pieces; the whole file appears under its hash at once, also after a power cut."""
    folder = _folder()
    draft = folder / f"{secrets.token_hex(16)}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            for piece in chunks:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / f"{digest.hexdigest()}.csv")
    finally:
        draft.unlink(missing_ok=True)
    return KeptFile(digest.hexdigest(), size)


def let_go(kept: KeptFile) -> None:
    """Remove a file that no row of the register names."""
    if not IncomingFile.objects.filter(sha256=kept.sha256).exists():
        path_of_hash(kept.sha256).unlink(missing_ok=True)


def path_of(file: IncomingFile) -> Path:
    """Where the file lies."""
    return path_of_hash(file.sha256)


def path_of_hash(sha256: str) -> Path:
    return _folder() / f"{sha256}.csv"


def mendable_of(file: IncomingFile) -> Path | None:
    """The rejected rows of the file, to be mended, where there are any."""
    path = path_of(file).with_suffix(".mend.csv")
    return path if path.is_file() else None


def forget_old(at: datetime) -> int:
    """Remove from the disk, with their previews, files that ended INCOMING_KEPT_DAYS ago. Returns
    how many there were; the register keeps who, when and what."""
    old = IncomingFile.objects.exclude(state__in=FOR_THE_WORKER).filter(
        ended_at__lt=at - timedelta(days=settings.INCOMING_KEPT_DAYS)
    )
    gone = 0
    for file in old:
        young = IncomingFile.objects.filter(sha256=file.sha256).exclude(pk__in=old.values("pk"))
        if not young.exists() and path_of(file).is_file():
            for path in _folder().glob(f"{file.sha256}*.csv"):
                path.unlink(missing_ok=True)
            gone += 1
        file.previewed_rows.all().delete()
    return gone


def _folder() -> Path:
    folder = Path(settings.INCOMING_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
