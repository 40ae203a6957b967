"""Keep the signed paper as pictures: checked, drawn again, outside the web, looks recorded.

Reading the upload takes time and happens before anything is locked.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from klikon.desk.access import APPROVE
from klikon.desk.drafts import locked, paper_of, record
from klikon.desk.models import Draft, DraftState, Paper, Scan, ScanCode, ScanPage
from klikon.desk.papers import own_code
from klikon.desk.papers.signed_papers import served_by
from klikon.desk.refusals import (
    NoPaper,
    NotOpen,
    NotYourOwnScan,
    ScanNeedsNoWord,
    ScanNotProven,
    ScanOfAnotherPaper,
    ScanReliedOn,
)
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts, reasons
from superfamilja.uploads import keeping, pages
from superfamilja.uploads.pages import Page

# By then a file without a committed row will never get one.
ORPHANED_AFTER = timedelta(hours=1)


def attach(
    *, draft: Draft, file: "UploadedFile[Any]", name: str, actor: User, at: datetime
) -> Scan:
    """Keep the scan of the current paper. The same pictures sent again are kept once.

    Without the paper's QR code it proves nothing until a second person vouches for it. Raises
    NotOpen, NoPaper, ScanOfAnotherPaper, and the refusals of superfamilja.uploads.
    """
    read = pages.read(file, name)
    digest = hashlib.sha256("".join(page.sha256 for page in read).encode()).hexdigest()
    kept = keeping.keep(read)
    try:
        with transaction.atomic():
            scan, is_new = _row(draft, read, digest, actor, at)
            if is_new:
                ScanPage.objects.bulk_create(
                    ScanPage(scan=scan, number=page.number, name=where)
                    for page, where in zip(read, kept, strict=True)
                )
    except BaseException as error:
        keeping.forget(kept)
        if isinstance(error, ScanOfAnotherPaper):
            record("refuse_scan", draft, actor, at, **error.details)
        raise
    if not is_new:
        keeping.forget(kept)
    return scan


def is_relied_on(draft: Draft, paper: Paper) -> bool:
    """Return whether the scan was used: a second person approved, or the paper is filed."""
    is_approved = draft.state == DraftState.DONE and draft.sent_by_id is not None
    return is_approved or paper.filed_at is not None


def may_vouch(draft: Draft, paper: Paper, person: User) -> bool:
    """Return whether this person may be the second one: a manager who has not served it."""
    # The second person who approved has not served it; the person who confirmed by a code has.
    confirmed = None if draft.sent_by_id else draft.done_by_id
    served = served_by(paper) | {confirmed}
    return person.has_perm(APPROVE) and person.pk not in served


@transaction.atomic
def vouch(*, scan: Scan, actor: User, at: datetime, reason: str) -> None:
    """Say why a scan without its QR code is of this paper nevertheless.

    A repetition changes nothing. Raises NotOpen, NotYourOwnScan, ScanNeedsNoWord, ReasonMissing,
    ReasonTooThin, AccountHeld.
    """
    reasons.require_sentence(reason)
    holding.require_free(actor, at)
    draft = locked(scan.paper.draft)
    if draft.state == DraftState.DISCARDED:
        raise NotOpen
    paper = Paper.objects.defer("content").select_related("blank").get(pk=scan.paper_id)
    if not may_vouch(draft, paper, actor):
        raise NotYourOwnScan
    rows = Scan.objects.standing().filter(pk=scan.pk, code=ScanCode.MISSING)
    if not rows.exists():
        raise ScanNeedsNoWord
    said = {"vouched_at": at, "vouched_by": actor, "vouched_because": reason.strip()}
    if rows.filter(vouched_at=None).update(**said):
        record("vouch_for_scan", draft, actor, at, reason, paper=paper.reference, scan=scan.pk)


def require_proven(paper: Paper) -> None:
    """Raise ScanNotProven for a scan that may be of another paper."""
    if not paper.scans.proven().exists():
        raise ScanNotProven


@transaction.atomic
def withdraw(*, scan: Scan, actor: User, at: datetime, reason: str = "") -> None:
    """Withdraw a scan of the wrong paper: it counts no more and stays in the history.

    A scan that was used may be withdrawn only by a manager, with a reason; the paper counts as
    unfiled until it is scanned and filed again. Raises NotOpen, ScanReliedOn, ReasonMissing,
    AccountHeld.
    """
    draft = locked(scan.paper.draft)
    if draft.state not in {DraftState.OPEN, DraftState.DONE}:
        raise NotOpen
    # Locked, so that nobody files it meanwhile.
    paper = Paper.objects.select_for_update().defer("content").get(pk=scan.paper_id)
    if is_relied_on(draft, paper):
        if not actor.has_perm(APPROVE):
            raise ScanReliedOn
        acts.require_reason(actor, reason)
        holding.require_free(actor, at)  # R35
    if not Scan.objects.standing().filter(pk=scan.pk).update(withdrawn_at=at, withdrawn_by=actor):
        return  # a repeated request
    more = {}
    if paper.filed_at and paper.filed_by:
        more = {"filed_at": paper.filed_at.isoformat(), "filed_by": paper.filed_by.shown_name}
        Paper.objects.filter(pk=paper.pk).update(filed_at=None, filed_by=None)
    record("withdraw_scan", draft, actor, at, reason, paper=paper.reference, **more)


def picture(page: ScanPage, *, actor: User, at: datetime) -> bytes:
    """Return one page's JPEG, and record who looked."""
    paper = page.scan.paper
    record("view_scan", paper.draft, actor, at, paper=paper.reference, page=page.number)
    return keeping.open_page(page.name)


def sweep(at: datetime) -> int:
    """Remove files without a row, which a crash between file and row left; return how many."""

    def known(names: list[str]) -> set[str]:
        return set(ScanPage.objects.filter(name__in=names).values_list("name", flat=True))

    left = list(keeping.orphans(known, older_than=at - ORPHANED_AFTER))
    keeping.forget(left)
    return len(left)


def _row(
    draft: Draft, read: list[Page], digest: str, actor: User, at: datetime
) -> tuple[Scan, bool]:
    draft = locked(draft)
    # While it waits, the manager decides by what they see.
    if draft.state not in {DraftState.OPEN, DraftState.DONE}:
        raise NotOpen
    paper = paper_of(draft)
    if paper is None:
        raise NoPaper
    if earlier := paper.scans.standing().filter(sha256=digest).first():
        return earlier, False
    code = own_code.read_in(read, paper)
    scan = Scan.objects.create(
        paper=paper, sha256=digest, scanned_at=at, scanned_by=actor, code=code
    )
    record("attach_scan", draft, actor, at, paper=paper.reference, code=code.value)
    return scan, True
