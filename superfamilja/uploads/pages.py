"""Turn an uploaded scan into pages of ours. No byte of the upload is kept or served.

The first bytes decide its kind, never its name or what the browser says. It is checked for viruses
and then drawn by a short-lived process (drawing.py), which leaves out everything hidden in it.
"""

import hashlib
import io
import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from superfamilja.uploads import limits, refusals, viruses

log = logging.getLogger(__name__)

_DRAWING = [sys.executable, "-m", "superfamilja.uploads.drawing"]
_KINDS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "picture", b"\x89PNG\r\n\x1a\n": "picture"}
_HEIC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_REFUSED = {
    refusal.code: refusal
    for refusal in (refusals.TooManyPages, refusals.TooManyPixels, refusals.PasswordNeeded)
}


@dataclass(frozen=True)
class Page:
    """A page drawn by us: its number from 1, JPEG, pixels, SHA-256 in hex and QR codes."""

    number: int
    jpeg: bytes
    width: int
    height: int
    sha256: str
    codes: tuple[str, ...] = ()


def read(file: "UploadedFile[Any] | BinaryIO", name: str) -> list[Page]:
    """Return the pages of a PDF, JPEG or PNG, checked for viruses (viruses.py) and drawn again.

    `name` appears in refusals only. Raise one of refusals.ScanRefused.
    """
    content = _whole(file, name)
    viruses.check(content, name)
    return _framed_pages(_drawn(_kind(content, name), content, name), name)


def _whole(file: "UploadedFile[Any] | BinaryIO", name: str) -> bytes:
    content: bytes = file.read(limits.LARGEST_FILE + 1)
    # The upload may be larger than what was kept of it (receiving.py).
    if max(len(content), getattr(file, "size", None) or 0) > limits.LARGEST_FILE:
        raise refusals.TooLarge(name=name)
    if not content:
        raise refusals.Empty(name=name)
    return content


def _kind(content: bytes, name: str) -> str:
    for beginning, kind in _KINDS.items():
        if content.startswith(beginning):
            return kind
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise refusals.Heic(name=name)
    raise refusals.NoScan(name=name)


def _drawn(kind: str, content: bytes, name: str) -> bytes:
    """Return the drawing process's answer; without one in time the file is unreadable."""
    try:
        done = subprocess.run(
            [*_DRAWING, kind],
            input=content,
            capture_output=True,
            check=False,
            timeout=limits.WAIT_SECONDS,
            cwd=settings.BASE_DIR,
            env={"PYTHONDONTWRITEBYTECODE": "1"},  # without the portal's secrets
        )
    except subprocess.TimeoutExpired:
        log.warning("A scan (%s) took longer than %s s to draw.", kind, limits.WAIT_SECONDS)
        raise refusals.Unreadable(name=name) from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        log.warning("A scan (%s) could not be drawn: exit %s. %s", kind, done.returncode, last)
        raise refusals.Unreadable(name=name)
    return done.stdout


def _framed_pages(answer: bytes, name: str) -> list[Page]:
    reading, pages = io.BytesIO(answer), list[Page]()
    while line := reading.readline():
        frame = json.loads(line)
        if code := frame.pop("no", None):
            raise _REFUSED[code](name=name, **frame)
        jpeg = reading.read(frame["bytes"])
        digest = hashlib.sha256(jpeg).hexdigest()
        size = frame["width"], frame["height"]
        pages.append(Page(len(pages) + 1, jpeg, *size, digest, tuple(frame.get("codes", ()))))
    if not pages:
        raise refusals.Unreadable(name=name)
    return pages
