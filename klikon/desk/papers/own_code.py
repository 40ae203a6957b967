"""Read what the QR codes in a scan say about the paper that it is attached to (docs/adr/0024)."""

from collections.abc import Iterable

from klikon.desk.models import Paper, ScanCode
from klikon.desk.refusals import ScanOfAnotherPaper
from klikon.papers import typeset
from superfamilja.uploads.pages import Page


def read_in(pages: Iterable[Page], paper: Paper) -> ScanCode:
    """Return OWN when a page has this very sheet's code, MISSING when none has a code of ours.

    Foreign codes (of a bill, of another firm) say nothing. Raise ScanOfAnotherPaper.
    """
    found = ScanCode.MISSING
    for page in pages:
        for text in page.codes:
            if text == paper.code:
                found = ScanCode.OWN
            elif _is_of_another(text, paper):
                raise ScanOfAnotherPaper(page=page.number, found=text.partition(" ")[0])
    return found


def _is_of_another(text: str, paper: Paper) -> bool:
    """Return whether it is our code of another sheet.

    Older papers have a code without a seal; one with the same reference is not another's.
    """
    read = typeset.CODE.fullmatch(text)
    if read is None:
        return False
    own = paper.blank.number if paper.blank else paper.reference
    return read[1] != own or read[2] is not None
