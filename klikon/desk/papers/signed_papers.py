"""Answer what the rooms below ask of a paper before it proves anything (R30)."""

from groups.proof import PaperOnFile
from klikon.desk.access import APPROVE
from klikon.desk.models import DraftState, Paper
from superfamilja.accounts.models import User


def signed_paper(reference: str, second: User | None = None) -> PaperOnFile | None:
    """Return the present paper with that reference; `second` would be its second person.

    A paper that was used, void or discarded proves nothing any more.
    """
    papers = Paper.objects.select_related("draft").defer("content")
    paper = papers.filter(reference=reference).first()
    if paper is None:
        return None
    draft = paper.draft
    standing = draft.state in {DraftState.OPEN, DraftState.WAITING}
    return PaperOnFile(
        contract_id=draft.contract_id,
        act=draft.act,
        is_open=standing and paper.voided_at is None,
        has_scan=paper.scans.proven().exists(),
        served_by=served_by(paper),
        may_approve=second is not None and second.is_active and second.has_perm(APPROVE),
    )


def served_by(paper: Paper) -> frozenset[int]:
    """Return everybody who served it; none of them may be the second person.

    Serving is opening, typing, printing, scanning or sending. A withdrawn scan counts as well,
    because its maker has served the request.
    """
    draft = paper.draft
    scanned = paper.scans.values_list("scanned_by_id", flat=True)
    handled = draft.handled_by.values_list("pk", flat=True)
    sent = [draft.sent_by_id] if draft.sent_by_id else []
    return frozenset({draft.opened_by_id, paper.made_by_id, *sent, *handled, *scanned})
