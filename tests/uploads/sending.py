"""Send a file as the desk does: read it, then keep it."""

import io
from pathlib import Path

import pytest
from PIL import Image

from superfamilja.uploads import keeping, pages
from superfamilja.uploads.refusals import ScanRefused


def drawn(content: bytes) -> list[Image.Image]:
    """Return the pages as pictures; each agrees with its page's figures."""
    read = pages.read(io.BytesIO(content), "scan")
    images = [Image.open(io.BytesIO(page.jpeg), formats=["JPEG"]) for page in read]
    assert [image.size for image in images] == [(page.width, page.height) for page in read]
    return images


def refused(content: bytes, kept: Path) -> ScanRefused:
    """Return the refusal; nothing was stored."""
    with pytest.raises(ScanRefused) as no:
        keeping.keep(pages.read(io.BytesIO(content), "scan.pdf"))
    assert not kept.exists()
    return no.value
