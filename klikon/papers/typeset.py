"""Typeset a paper in both languages as a tagged PDF (PDF/UA-1): rows, sentences, signatures.

Data goes in as JSON, so that typed text is never markup.
"""

import io
import json
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

import qrcode
import qrcode.constants
import qrcode.image.svg
import typst
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from superfamilja.values.random_keys import ALPHABET

# Letters at the same place on all keyboards that scanners of the search box imitate.
_SEAL_LETTERS = "ABCDEFGHJKLMNPRSTUVX"
SEAL = 16
_KEY = "-".join(f"[{ALPHABET}]{{{length}}}" for length in (3, 3, 4))
CODE = re.compile(rf"([DKB]-(?:\d{{1,9}}|{_KEY}))(?: ([{_SEAL_LETTERS}]{{{SEAL}}}))?")
_SEAL_AT_THE_END = re.compile(rf"(?<=\w)\W*[{_SEAL_LETTERS}]{{{SEAL}}}\W*$")

_SOURCE = Path(__file__).with_name("paper.typ")

# Invisible marks that change the direction of everything behind them, such as a number after a
# name.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What no font draws: control characters and halves of surrogate pairs.
_UNDRAWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Letters that our fonts can draw, the widest set first; the last one is ASCII only.
_DRAWN = (
    r"\t\n -~\u00a0-\u0377\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u0484\u0487-\u04ff"
    r"\u1e00-\u1eff\u2010-\u2040\u20a0-\u20bf\u2122\u2190-\u2193\u2212\ufffd",
    r"\t\n -~\u00a0-\u017f\u2013\u2014\u2018-\u201f\u2026\u2212\ufffd",
    r"\t\n -~",
)

Text = str | Promise
Rows = list[tuple[Text, Any]]


def paper(
    *,
    title: Text,
    reference: str,
    footer: str,
    parts: list[dict[str, Any]],
    sentences: list[Text],
    signatures: list[Text],
    seal: str = "",
) -> dict[str, Any]:
    """Return one paper, with the reference as text and as a QR code.

    A paper that is signed by hand has a seal in the code, so that its scan belongs to this sheet
    only.
    """
    return {
        **sentence(title, "title"),
        "reference": reference,
        "footer": spoken("sq", footer),
        "qr": _qr(sealed(reference, seal) or reference),
        "qr_alt": f"{spoken('sq', _('Reference'))} {reference}",
        "parts": parts,
        "sentences": [sentence(text) for text in sentences],
        "signatures": [_under_a_line(text) for text in signatures],
    }


def compiled(*papers: dict[str, Any]) -> bytes:
    """Return the bytes of the PDF, each paper on its own pages, from our own files only.

    A letter that our fonts lack (an emoji in a name) is drawn as U+FFFD, because the paper must
    come out whatever a name holds.
    """
    data = json.dumps(papers, ensure_ascii=False)
    for drawn in _DRAWN:
        try:
            return _compiled(data)
        except typst.TypstError:
            lacking = "\ufffd" if "\\ufffd" in drawn else "?"
            data = re.sub(f"[^{drawn}]", lacking, data)
    return _compiled(data)


def _compiled(data: str) -> bytes:
    made: bytes = typst.compile(
        _source(),
        sys_inputs={"data": data},
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return made


def part(name: Text, *rows: tuple[Text, Any]) -> dict[str, Any]:
    """Return a heading with its rows of name and value."""
    return {**sentence(name, "name"), "rows": [_row(*row) for row in rows]}


def sentence(text: Text, key: str = "") -> dict[str, str]:
    """Return the text in both languages."""
    names = (key, f"{key}_en") if key else ("sq", "en")
    return dict(zip(names, (spoken("sq", text), spoken("en", text)), strict=True))


def spoken(language: str, text: Any) -> str:
    """Return a lazy translation in that language, and typed text without what nobody can see.

    What nobody can draw is shown as missing.
    """
    with override(language):
        return _UNDRAWABLE.sub("\ufffd", _TURNING.sub("", str(text)))


def _row(name: Text, value: Any) -> dict[str, str]:
    albanian, english = (spoken(language, value) for language in ("sq", "en"))
    # Typed text, numbers and amounts are the same in both languages.
    return {
        **sentence(name, "name"),
        "value": albanian,
        "value_en": english * (albanian != english),
    }


def _under_a_line(text: Text) -> dict[str, str]:
    """Shorten a name to two lines, because the whole name is in the parts above."""
    albanian, english = (Truncator(spoken(language, text)).chars(70) for language in ("sq", "en"))
    return {"name": albanian, "name_en": english * (albanian != english)}


@lru_cache(maxsize=1)
def _source() -> bytes:
    return _SOURCE.read_bytes()


def new_seal() -> str:
    """Return random letters that identify one sheet of paper and cannot be guessed (69 bits)."""
    return "".join(secrets.choice(_SEAL_LETTERS) for _ in range(SEAL))


def sealed(reference: str, seal: str) -> str:
    """Return what a sealed paper's QR code says: «D-2231 KMNP…»; empty without a seal."""
    return f"{reference} {seal}" if seal else ""


def without_seal(typed: str) -> str:
    """Return a scanned QR code's text in capitals and without the seal."""
    return _SEAL_AT_THE_END.sub("", typed.upper())


def _qr(text: str) -> str:
    robust = qrcode.constants.ERROR_CORRECT_Q  # a quarter of it may be under a stamp
    picture = qrcode.image.svg.SvgPathImage
    made = qrcode.make(text, image_factory=picture, border=2, error_correction=robust)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue().decode()
