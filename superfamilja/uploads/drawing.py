"""Draw an uploaded file as pages, in a process of its own with tight limits.

`python -m superfamilja.uploads.drawing pdf|picture` reads the file from standard input. It answers
with one line of JSON a page (`width`, `height`, `bytes`, `codes`: what its QR codes say), each
followed by that many bytes of JPEG, or with the one line `{"no": CODE, …}`. A file that breaks the
process ends it, and the parent sees an exit code other than zero. The process imports nothing of
Django and opens no file.
"""

import io
import json
import resource
import sys
import time
import warnings
from collections.abc import Iterable, Iterator

import pypdfium2 as pdfium
import zxingcpp
from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin  # noqa: F401 - loaded now
from pypdfium2 import raw

from superfamilja.uploads import limits

_JPEG_QUALITY = 80
_QR = zxingcpp.barcode_formats_from_str("QRCode")
_ORIENTATION = 0x0112  # of EXIF
_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class No(Exception):  # noqa: N818 - it is an answer, not an error
    """The file was read and is refused; it carries the refusal's code and details."""

    def __init__(self, code: str, **details: int) -> None:
        super().__init__(code)
        self.answer = {"no": code, **details}


def main() -> None:
    """Set the limits first; then read the stranger's bytes."""
    limit_itself()
    content = sys.stdin.buffer.read()
    draw = {"pdf": pdf, "picture": picture}[sys.argv[1]]
    try:
        answer = b"".join(_framed(draw(content)))
    except No as no:
        answer = json.dumps(no.answer).encode()
    sys.stdout.buffer.write(answer)


def limit_itself() -> None:
    """Limit memory and seconds; forbid writing files, leaving processes and dumping core."""
    for what, most in (
        (resource.RLIMIT_AS, limits.MEMORY),
        (resource.RLIMIT_CPU, limits.CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    Image.MAX_IMAGE_PIXELS = limits.MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def pdf(content: bytes) -> Iterator[Image.Image]:
    """Draw the pages; other contents of a PDF (JavaScript, files, links) are left out."""
    if b"%%EOF" not in content[-1024:]:
        # PDFium repairs a truncated file, and pages might be missing.
        raise ValueError("the file ends before its end")
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise No("scan_with_password") from error
        raise
    if len(document) > limits.MOST_PAGES:
        raise No("scan_too_many_pages", pages=len(document))
    document.init_forms()  # signatures given on a screen are form fields
    for page in document:
        scale = min(limits.PDF_DPI / 72, limits.LONGEST_SIDE / max(page.get_size()))
        yield page.render(scale=scale).to_pil()


def picture(content: bytes) -> Iterator[Image.Image]:
    """Draw the first picture of the file: upright, on white, no longer than LONGEST_SIDE."""
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=["JPEG", "PNG"])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise No("scan_too_many_pixels") from error
    turned = _TURNED.get(_orientation(image))
    # A JPEG is decoded at half or quarter size when that is enough.
    image.draft(None, (limits.LONGEST_SIDE, limits.LONGEST_SIDE))
    image = _plain(image)
    image.thumbnail((limits.LONGEST_SIDE, limits.LONGEST_SIDE))
    image = _on_white(image)
    yield image.transpose(turned) if turned is not None else image


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # wrong metadata of a camera does not spoil the picture
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """Convert to one of three modes: L, RGB, RGBA."""
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode.startswith("I"):  # sixteen bits of grey
        return image.point(lambda value: value / 256).convert("L")
    return image.convert("L" if image.mode in {"1", "L"} else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _framed(images: Iterable[Image.Image]) -> Iterator[bytes]:
    for image in images:
        image.info.clear()  # otherwise Pillow would keep a comment
        out = io.BytesIO()
        image.save(out, "JPEG", quality=_JPEG_QUALITY)
        size = out.tell()
        frame = {"width": image.width, "height": image.height, "bytes": size, "codes": _codes(out)}
        yield json.dumps(frame).encode() + b"\n" + out.getvalue()


def _codes(jpeg: io.BytesIO) -> list[str]:
    """Return what the QR codes of the page say, read from the picture that is kept.

    A page that is too costly to search is kept without codes, like a scan whose code was
    unreadable.
    """
    if time.process_time() > limits.READ_CODES_UNTIL:
        return []
    page = Image.open(jpeg, formats=["JPEG"]).convert("L")
    found = zxingcpp.read_barcodes(page, formats=_QR)
    texts = dict.fromkeys(code.text for code in found if len(code.text) <= limits.LONGEST_CODE)
    return list(texts)[: limits.MOST_CODES]


if __name__ == "__main__":
    main()
