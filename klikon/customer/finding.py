"""Find customers by one search box: numbers, documents, names and references.

References may be typed or scanned. One leads to its record if this person may read it; papers of
another shop are not found.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import BillEntry, Dispute
from groups import search
from groups.models import Contract, Membership
from klikon.activation.references import parse_reference
from klikon.desk.access import SERVE, readable_drafts
from klikon.desk.models import Blank, Paper
from klikon.models import Activation, Declaration
from klikon.papers.typeset import without_seal
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.accounts.stores import chosen
from superfamilja.values import texts
from superfamilja.values.random_keys import ALPHABET, numbered, read_key

PAGE = 20
REFERENCE, NAME = "reference", "name"
# D-7QX-4PW-R2AR, K2611-7QX-4PW-R2AR, and counted ones: D-2231, K2611-42. Scanners may type another
# keyboard's dash, or none.
_DRAWN = re.compile(rf"(D|K|B|SQ)(?:(?<=K)(\d{{4}}))?([{ALPHABET}]{{10}})")
_REFERENCE = re.compile(r"([A-Z]{1,2})\W*(\d{4}(?=\W+\d))?\W*(\d{1,9})")


@dataclass(frozen=True)
class Result:
    """A customer, what matched, and the page to open.

    `how` is a key of search.MATCHED or REFERENCE; `reference` is the matched reference in that
    case.
    """

    contract: Contract
    how: str
    matched: str | Promise
    address: str
    reference: str = ""
    member: Membership | None = None


@dataclass(frozen=True)
class Found:
    """One page of results. `is_exact` means found by a number, a document or a reference."""

    results: list[Result] = field(default_factory=list)
    is_exact: bool = False
    is_too_short: bool = False
    has_more: bool = False
    unused_blank: Blank | None = None

    @property
    def only_one(self) -> Result | None:
        """Return the only result, which needs no list."""
        return self.results[0] if self.is_exact and len(self.results) == 1 else None


def find(request: StaffRequest, text: str, page: int = 1) -> Found:
    """Return what this person finds with that text, the likeliest first.

    The number of queries is constant.
    """
    text, start = texts.clean(text), (page - 1) * PAGE
    if not text:
        return Found()
    exact = [*by_reference(request, text), *map(_result, search.by_key(text))]
    if exact:
        return Found(exact[start : start + PAGE], is_exact=True, has_more=len(exact) > start + PAGE)
    if blank := _unused_blank(request, text):
        return Found(unused_blank=blank)
    named = search.by_name(text, start=start, count=PAGE + 1)
    if named is None:
        return Found(is_too_short=not _REFERENCE.fullmatch(text.upper()))
    return Found([_result(hit) for hit in named[:PAGE]], has_more=len(named) > PAGE)


def by_owner(contracts: list[Contract], page: int = 1) -> Found:
    """Return a page of what a search by a whole personal number found."""
    start, results = (page - 1) * PAGE, list(map(_result, search.by_document(contracts)))
    shown = results[start : start + PAGE]
    return Found(shown, is_exact=True, has_more=len(results) > start + PAGE)


def _result(hit: search.Hit) -> Result:
    address = reverse("contract", args=[hit.contract.pk])
    return Result(hit.contract, hit.how, search.MATCHED[hit.how], address, member=hit.member)


def by_reference(request: StaffRequest, text: str) -> list[Result]:
    """Return the record of that reference, if this person may read it."""
    try:
        return _activation(request, parse_reference(text))
    except ValueError:
        pass
    prefix, month, number = _drawn(text) or _counted(text)
    if month:
        return _entry(request, month, number) if prefix == "K" else []
    return _KINDS[prefix](request, number) if prefix in _KINDS else []


def _drawn(text: str) -> tuple[str, str, int] | None:
    """Return prefix, month and key of a drawn reference; None when it is not one."""
    written = _DRAWN.fullmatch("".join(c for c in without_seal(text) if c.isalnum()))
    try:
        return (written[1], written[2] or "", read_key(written[3])) if written else None
    except ValueError:
        return None


def _counted(text: str) -> tuple[str, str, int]:
    """Return the same of a counted reference; empty and 0 when it is not one."""
    parts = _REFERENCE.fullmatch(without_seal(text))
    return (parts[1], parts[2] or "", int(parts[3])) if parts else ("", "", 0)


def _activation(request: StaffRequest, reference: str) -> list[Result]:
    found = Activation.objects.select_related("contract").filter(reference=reference)
    if not request.user.has_perm("klikon.view_activation"):
        return []
    return [
        _record(a.contract, a.reference, _("activation"), "admin:klikon_activation_change", a.pk)
        for a in found
    ]


def _declaration(request: StaffRequest, number: int) -> list[Result]:
    """Return the own shop's request, with its paper and scan; otherwise the Declaration."""
    if papers := _papers(request, numbered("D", number)):
        return papers
    if not request.user.has_perm("klikon.view_declaration"):
        return []
    page = "admin:klikon_declaration_change"
    return [
        _record(d.contract, d.reference, _("Declaration"), page, d.pk)
        for d in Declaration.objects.select_related("contract").filter(pk=number)
    ]


def _paper(request: StaffRequest, number: int) -> list[Result]:
    return _papers(request, numbered("K", number))


def _papers(request: StaffRequest, reference: str) -> list[Result]:
    papers = Paper.objects.filter(reference=reference, draft__in=readable_drafts(request))
    return [
        _record(p.draft.contract, p.reference, _("paper"), "draft", p.draft_id)
        for p in papers.select_related("draft__contract")
    ]


def _blank(request: StaffRequest, number: int) -> list[Result]:
    papers = Paper.objects.filter(blank=number, draft__in=readable_drafts(request))
    return [
        _record(p.draft.contract, p.blank.number, _("blank form"), "draft", p.draft_id)
        for p in papers.select_related("draft__contract", "blank")
        if p.blank
    ]


def _question(request: StaffRequest, number: int) -> list[Result]:
    if not request.user.has_perm("billing.view_dispute"):
        return []
    return [
        _record(d.contract, d.reference, d.kind, "question", d.pk)
        for d in Dispute.objects.select_related("contract").filter(pk=number)
    ]


def _entry(request: StaffRequest, month: str, number: int) -> list[Result]:
    entry = BillEntry.objects.select_related("contract").filter(pk=number).first()
    if entry is None or f"{entry.month:%y%m}" != month:
        return []
    page, pk = "admin:billing_billentry_change", entry.pk
    if not request.user.has_perm("billing.view_billentry"):
        page, pk = "contract", entry.contract_id
    return [_record(entry.contract, entry.reference, _("bill entry"), page, pk)]


_KINDS: dict[str, Callable[[StaffRequest, int], list[Result]]] = {
    "D": _declaration,
    "K": _paper,
    "B": _blank,
    "SQ": _question,
}


def _record(contract: Contract, reference: str, kind: str | Promise, page: str, pk: int) -> Result:
    return Result(contract, REFERENCE, kind, reverse(page, args=[pk]), reference)


def _unused_blank(request: StaffRequest, text: str) -> Blank | None:
    """Return a blank form of this shop that nobody has signed yet."""
    (prefix, _month, number), store = _drawn(text) or _counted(text), chosen.current(request)
    if prefix != "B" or store is None or not request.user.has_perm(SERVE):
        return None
    return Blank.objects.filter(pk=number, store=store, paper=None).first()
