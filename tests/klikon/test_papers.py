"""A paper comes out whatever a stored name holds; what cannot be drawn is shown as missing."""

import io

import pytest
from pypdf import PdfReader

from klikon.papers import typeset

NASTY = [
    "Dri\u0085ta",
    "Dri\u009ata",
    "\u0007",
    "a\x00b",
    "\ud800",
    "👩‍👧",
    "Дрита",
    "ドリタ",
    "محمد",
    "\u202eatirD",
    "e\u0308\u0301\u0302",
    "\u0485",
    "\u1f16",
    "\U000e0041",
    "\ue000",
    "\ufffe",
    "\u0378",
    "___",
    "____",
    "",
    " ",
    "#set page(",
    '"\\',
    "ﬁ",
    "\u2028",
    "𝕯𝖗𝖎𝖙𝖆",
    "ë" * 200,
]


def paper_for(name: str) -> bytes:
    return typeset.compiled(
        typeset.paper(
            title="Paper",
            reference="K-1",
            footer=name,
            parts=[typeset.part("Who", ("Name", name))],
            sentences=[name],
            signatures=[name],
        )
    )


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_the_paper_is_made(name: str) -> None:
    assert paper_for(name).startswith(b"%PDF-1.7")


def test_what_cannot_be_drawn_is_seen_to_be_missing_and_the_rest_stays() -> None:
    (page,) = PdfReader(io.BytesIO(paper_for("Dri\u009ata Ëngjëll 👩"))).pages
    words = page.extract_text()
    assert "Dri\ufffdta Ëngjëll \ufffd" in words
