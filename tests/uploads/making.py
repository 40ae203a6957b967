"""Make scans as shops and phones send them, and malicious files."""

import io
import zlib
from typing import Any

from PIL import Image
from pypdf import PdfReader, PdfWriter

RED, WHITE, BLUE = (255, 0, 0), (255, 255, 255), (0, 0, 255)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def half_red(size: tuple[int, int] = (400, 200)) -> Image.Image:
    """Return a white picture with its left half red."""
    image = Image.new("RGB", size, WHITE)
    image.paste(RED, (0, 0, size[0] // 2, size[1]))
    return image


def paper(pages: int) -> bytes:
    """Return a PDF of that many A4 pages, each an image of 150 dots per inch."""
    one, *others = [half_red((1240, 1754)) for _ in range(pages)]
    return saved(one, "PDF", save_all=True, append_images=others, resolution=150)


def changed(pdf: bytes, how: Any) -> bytes:
    """Return the PDF after `how(writer)`."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    how(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def png_bomb() -> bytes:
    """Return 400 empty megapixels in a file of about 49 KB."""
    side = 20_000
    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    body = zlib.compress(bytes((1 + side // 8) * side), 1)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in chunks
    )


def pdf_bomb() -> bytes:
    """Return a page that shows a form twice, which shows a form twice, and so on, twenty times."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
        b"/Resources<</XObject<</X 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/X Do\nendstream",
        *(_form(b"/X Do /X Do", b"/Resources<</XObject<</X %d 0 R>>>>" % n) for n in range(6, 25)),
        _form(b"0 0 9 9 re f", b""),
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, one) for n, one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def _form(drawing: bytes, resources: bytes) -> bytes:
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]%s/Length %d>>" % (resources, len(drawing))
    return head + b"stream\n" + drawing + b"\nendstream"
