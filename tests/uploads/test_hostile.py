"""A hostile file is refused with a sentence that says what to do, and nothing is stored."""

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from superfamilja.uploads import limits, pages
from superfamilja.uploads.refusals import PasswordNeeded, ScanRefused, TooLarge, Unreadable
from tests.uploads.making import changed, half_red, paper, pdf_bomb, png_bomb, saved
from tests.uploads.sending import refused

JPEG, PNG = saved(half_red(), "JPEG"), saved(half_red(), "PNG")
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(500)
PDF = paper(1)

NO_SCAN = (
    "“scan.pdf” is neither a PDF nor a picture in JPEG or PNG. "
    "Scan the paper as a PDF, or photograph it with a phone."
)
UNREADABLE = (
    "“scan.pdf” could not be read: it is damaged or not complete. "
    "Scan the paper again, or photograph it with a phone."
)
TOO_MANY_PIXELS = (
    "“scan.pdf” has more than 50 megapixels. "
    "Scan at 300 dots per inch at most, or photograph with a lower resolution."
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "“scan.pdf” is empty. Scan the paper again.", id="empty"),
        pytest.param(b"Dear shop, I sign.", NO_SCAN, id="text"),
        pytest.param(b"<html>" + PDF, NO_SCAN, id="a page that holds a PDF"),
        pytest.param(b"PK\x03\x04" + JPEG, NO_SCAN, id="a ZIP that holds a picture"),
        pytest.param(saved(half_red(), "GIF") + b"PK\x03\x04", NO_SCAN, id="GIF and JAR"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", NO_SCAN, id="SVG"),
        pytest.param(JPEG[:-900], UNREADABLE, id="a JPEG cut off"),
        pytest.param(PNG[:-300], UNREADABLE, id="a PNG cut off"),
        pytest.param(PDF[: len(PDF) // 2], UNREADABLE, id="a PDF cut off"),
        pytest.param(PDF[:9], UNREADABLE, id="only the head of a PDF"),
        pytest.param(b"\xff\xd8\xff" + bytes(5_000), UNREADABLE, id="no JPEG after all"),
        pytest.param(b"%PDF-1.7" + bytes(5_000) + b"%%EOF", UNREADABLE, id="no PDF after all"),
        pytest.param(png_bomb(), TOO_MANY_PIXELS, id="a bomb of 400 megapixels"),
        pytest.param(
            saved(Image.new("1", (10_001, 5_000)), "PNG"), TOO_MANY_PIXELS, id="a bit too many"
        ),
        pytest.param(pdf_bomb(), UNREADABLE, id="a PDF that eats all memory"),
        pytest.param(
            HEIC,
            "“scan.pdf” is a HEIC picture. On the iPhone choose Settings, Camera, Formats, “Most "
            "Compatible”, then photograph the paper again.",
            id="HEIC",
        ),
        pytest.param(
            paper(11),
            "“scan.pdf” has 11 pages; at most 10 are taken. "
            "Send only the signed pages, or in several files.",
            id="eleven pages",
        ),
    ],
)
def test_refused(content: bytes, sentence: str, kept: Path) -> None:
    assert refused(content, kept).text("en") == sentence


def test_a_password_is_in_the_way(kept: Path) -> None:
    locked = changed(PDF, lambda writer: writer.encrypt("secret", algorithm="RC4-128"))
    assert refused(locked, kept).text("en") == (
        "“scan.pdf” is protected by a password. Scan the paper again without one."
    )


def test_twenty_megabytes_are_looked_at_and_one_byte_more_is_not(kept: Path) -> None:
    assert limits.LARGEST_FILE == 20_971_520
    assert isinstance(refused(bytes(20_971_520), kept), ScanRefused)
    assert refused(bytes(20_971_521), kept).text("en") == (
        "“scan.pdf” is too large: at most 20 MB may be sent at once. "
        "Scan at 150 dots per inch, or send the pages one by one."
    )


def run(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Run that program in place of the drawing one; a survivor claims to have drawn a page."""
    survived = '\nprint(\'{"width": 1, "height": 1, "bytes": 0}\')'
    monkeypatch.setattr(pages, "_DRAWING", [sys.executable, "-c", program + survived])


LIMITED = "from superfamilja.uploads import drawing, limits; "


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("import os; os.abort()", id="it crashes"),
        pytest.param("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", id="it is killed"),
        pytest.param("import sys; sys.exit()", id="it says nothing"),
        pytest.param(
            LIMITED + "drawing.limit_itself(); bytearray(2 * limits.MEMORY)", id="it wants memory"
        ),
        pytest.param(
            LIMITED + "limits.CPU_SECONDS = 1; drawing.limit_itself()\nwhile True: pass",
            id="it works for ever",
        ),
        pytest.param(
            LIMITED + "drawing.limit_itself(); import os, tempfile; "
            "os.write(tempfile.TemporaryFile().fileno(), b'x')",
            id="it writes a file",
        ),
    ],
)
def test_a_drawing_process_that_fails_is_a_refusal(
    program: str, monkeypatch: pytest.MonkeyPatch, kept: Path
) -> None:
    run(monkeypatch, program)
    assert refused(JPEG, kept).text("en") == UNREADABLE


@pytest.mark.parametrize(
    "program",
    [
        LIMITED + "drawing.limit_itself()",
        "import os, sys; 'SECRET_KEY' in os.environ and sys.exit(1)",
    ],
)
def test_control_one_that_lives_is_believed_and_knows_no_secret(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret of the portal")
    run(monkeypatch, program)
    assert len(pages.read(io.BytesIO(JPEG), "scan")) == 1


def test_a_drawing_process_that_hangs_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, kept: Path
) -> None:
    run(monkeypatch, "import signal; signal.pause()")
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0.3)
    assert isinstance(refused(JPEG, kept), Unreadable)


def test_a_name_cannot_turn_the_sentence_around() -> None:
    name = "\u202egpj.exe\n" + "a" * 100
    assert PasswordNeeded(name=name).text("en") == (
        "“gpj.exe" + "a" * 33 + "…" + "a" * 15 + "” is protected by a password. "
        "Scan the paper again without one."
    )


def test_it_is_said_in_albanian(kept: Path) -> None:
    assert refused(b"", kept).text("sq") == "“scan.pdf” është bosh. Skanojeni letrën përsëri."
    assert TooLarge(name="scan.pdf").text("sq") == (
        "“scan.pdf” është shumë i madh: njëherësh mund të dërgohen më së shumti 20 MB. "
        "Skanoni me 150 pika për inç ose dërgojini faqet një nga një."
    )
