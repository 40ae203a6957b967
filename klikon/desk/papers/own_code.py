"""What the QR codes in a scan say about the paper that it is attached to (docs/adr/0024)."""

from collections.abc import Iterable

from klikon.desk.models import Paper, ScanCode
from klikon.desk.refusals import ScanOfAnotherPaper
from klikon.papers import typeset
from superfamilja.uploads.pages import Page


def read_in(pages: Iterable[Page], paper: Paper) -> ScanCode:
    """OWN when a page carries the code of this very sheet, MISSING when none carries one of ours.

    Codes that are not ours (of a bill, of another firm) say nothing. Raises ScanOfAnotherPaper.
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
    """Whether it is a code of ours, and neither this sheet's nor one without a seal of the same
    reference, as papers had them before."""
    read = typeset.CODE.fullmatch(text)
    if read is None:
        return False
    own = paper.blank.number if paper.blank else paper.reference
    return read[1] != own or read[2] is not None
