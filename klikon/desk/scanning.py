"""The signed paper as pictures: checked, made anew, kept outside the web, shown to few and logged.

Reading what was uploaded takes its time and happens before anything is locked.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from klikon.desk.access import APPROVE
from klikon.desk.drafts import locked, paper_of, record
from klikon.desk.models import Draft, DraftState, Paper, Scan, ScanPage
from klikon.desk.refusals import NoPaper, NotOpen, ScanReliedOn
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.uploads import keeping, pages

# A file whose row was not committed by then never will be.
ORPHANED_AFTER = timedelta(hours=1)


def attach(
    *, draft: Draft, file: "UploadedFile[Any]", name: str, actor: User, at: datetime
) -> Scan:
    """Keep the scan of the paper that stands. The same pictures sent again are kept once.

    Raises NotOpen, NoPaper, and the refusals of superfamilja.uploads.
    """
    read = pages.read(file, name)
    digest = hashlib.sha256("".join(page.sha256 for page in read).encode()).hexdigest()
    kept = keeping.keep(read)
    try:
        with transaction.atomic():
            scan, is_new = _row(draft, digest, actor, at)
            if is_new:
                ScanPage.objects.bulk_create(
                    ScanPage(scan=scan, number=page.number, name=where)
                    for page, where in zip(read, kept, strict=True)
                )
    except BaseException:
        keeping.forget(kept)
        raise
    if not is_new:
        keeping.forget(kept)
    return scan


def is_relied_on(draft: Draft, paper: Paper) -> bool:
    """Whether somebody went by the scan: a second person approved the request, or the paper is
    filed."""
    is_approved = draft.state == DraftState.DONE and draft.sent_by_id is not None
    return is_approved or paper.filed_at is not None


@transaction.atomic
def withdraw(*, scan: Scan, actor: User, at: datetime, reason: str = "") -> None:
    """The wrong paper was scanned: it counts no more and stays in the history.

    Once somebody went by it only a manager takes it back, and says why; the paper is out of the
    folder then, until it is scanned and filed anew. Raises NotOpen, ScanReliedOn, ReasonMissing.
    """
    draft = locked(scan.paper.draft)
    if draft.state not in {DraftState.OPEN, DraftState.DONE}:
        raise NotOpen
    # Held, so that nobody files it meanwhile.
    paper = Paper.objects.select_for_update().defer("content").get(pk=scan.paper_id)
    if is_relied_on(draft, paper):
        if not actor.has_perm(APPROVE):
            raise ScanReliedOn
        acts.require_reason(actor, reason)
    if not Scan.objects.standing().filter(pk=scan.pk).update(withdrawn_at=at, withdrawn_by=actor):
        return  # sent twice
    more = {}
    if paper.filed_at and paper.filed_by:
        more = {"filed_at": paper.filed_at.isoformat(), "filed_by": paper.filed_by.shown_name}
        Paper.objects.filter(pk=paper.pk).update(filed_at=None, filed_by=None)
    record("withdraw_scan", draft, actor, at, reason, paper=paper.reference, **more)


def picture(page: ScanPage, *, actor: User, at: datetime) -> bytes:
    """One page's JPEG, and a line in the history that says who looked."""
    paper = page.scan.paper
    record("view_scan", paper.draft, actor, at, paper=paper.reference, page=page.number)
    return keeping.open_page(page.name)


def sweep(at: datetime) -> int:
    """Remove files that no row knows: what a crash between file and row left. Returns how many."""

    def known(names: list[str]) -> set[str]:
        return set(ScanPage.objects.filter(name__in=names).values_list("name", flat=True))

    left = list(keeping.orphans(known, older_than=at - ORPHANED_AFTER))
    keeping.forget(left)
    return len(left)


def _row(draft: Draft, digest: str, actor: User, at: datetime) -> tuple[Scan, bool]:
    draft = locked(draft)
    # While it waits, the manager decides on what he sees.
    if draft.state not in {DraftState.OPEN, DraftState.DONE}:
        raise NotOpen
    paper = paper_of(draft)
    if paper is None:
        raise NoPaper
    if earlier := paper.scans.standing().filter(sha256=digest).first():
        return earlier, False
    scan = Scan.objects.create(paper=paper, sha256=digest, scanned_at=at, scanned_by=actor)
    record("attach_scan", draft, actor, at, paper=paper.reference)
    return scan, True
