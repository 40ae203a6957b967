"""Pages of parked entries: the list, one entry with its reason and lines, and its resolutions."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from billing.bill import bill_of
from billing.models import ParkedEntry
from billing.month import parked, totals
from billing.month.words import ENTRY_WORDS
from billing.pages.months import known_month, page_of
from superfamilja.accounts.site.act_page import ActPage
from superfamilja.clock import portal_clock
from superfamilja.values.lek import lek
from superfamilja.values.months import month_label

PAGE = 25
SEND_AGAIN = _("Send it again in a supplement")
CREDIT = _("Credit it; it is not billed")
Rows = list[tuple[str | Promise, Any]]


@dataclass(frozen=True)
class FigureDifference:
    """What the entry says about one figure, and what its lines say, in Lek."""

    label: str | Promise
    entry_lek: int
    lines_lek: int

    @property
    def words(self) -> str:
        return _("%(what)s: the entry says %(entry)s, its lines say %(lines)s.") % {
            "what": str(self.label).capitalize(),
            "entry": lek(self.entry_lek),
            "lines": lek(self.lines_lek),
        }


def differences(row: ParkedEntry) -> list[FigureDifference]:
    """Return why the entry was parked, figure by figure, in the order of the bill."""
    return [
        FigureDifference(ENTRY_WORDS[name], *row.differences[name])
        for name in ENTRY_WORDS
        if name in row.differences
    ]


@require_GET
@permission_required("billing.view_parkedentry", raise_exception=True)
def parked_list(request: HttpRequest) -> HttpResponse:
    """List waiting entries, oldest first; for one month (`?month=202610`) all it parked."""
    rows = ParkedEntry.objects.select_related("contract", "proposed_by", "resolved_by")
    month = None
    if number := request.GET.get("month"):
        month = known_month(int(number) if number.isdecimal() else 0)
        rows = rows.in_force().filter(month=month)
    else:
        rows = rows.waiting()
    page = page_of(request)
    start = (page - 1) * PAGE
    found = list(rows.order_by("month", "pk")[start : start + PAGE + 1])
    context = {
        "rows": [(row, differences(row)) for row in found[:PAGE]],
        "month": month,
        "number": number,
        "page": page,
        "has_more": len(found) > PAGE,
    }
    return render(request, "staff/parked_list.html", context)


@require_GET
@permission_required("billing.view_parkedentry", raise_exception=True)
def parked_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Show why the entry was parked, what it and its lines say now, and how to resolve it."""
    known = ParkedEntry.objects.select_related(
        "contract", "entry", "proposed_by", "resolved_by", "issued_in", "answer"
    ).defer("answer__content", "answer__problems")
    row = get_object_or_404(known, pk=pk)
    waits = row.resolution is None and row.withdrawn_at is None
    lines = totals.of_entry(row.entry)
    context = {
        "row": row,
        "waits": waits,
        "differences": differences(row),
        "now": [(ENTRY_WORDS[name], getattr(row.entry, name), lines[name]) for name in ENTRY_WORDS],
        "bill": bill_of(row.contract, row.month),
        "acts": _ways_out(request, row) if waits else [],
        "proposed_by_you": row.proposed_by_id == request.user.pk,
    }
    return render(request, "staff/parked_entry.html", context)


def _ways_out(request: HttpRequest, row: ParkedEntry) -> list[tuple[str, str | Promise]]:
    """Return address and name of what this person may do with a waiting entry."""
    if not request.user.has_perm("billing.resolve_parked"):
        return []
    if row.is_rejected:
        ways = [("send_parked_again", SEND_AGAIN), ("credit_parked", CREDIT)]
        return [(reverse(name, args=[row.pk]), title) for name, title in ways]
    known: list[tuple[str, str | Promise]] = [("recount_parked", Recount.title)]
    if row.proposed_by_id and row.proposed_by_id != request.user.pk:
        known.append(("accept_parked", Accept.title))
    known.append(("propose_parked", Propose.title))
    return [(reverse(name, args=[row.pk]), title) for name, title in known]


class ParkedAct(ActPage):
    """Base of the resolutions: the entry, its contract, and why it was parked."""

    permission_required: tuple[str, ...] = ("billing.resolve_parked", "billing.view_parkedentry")
    row: ParkedEntry

    def load(self, pk: int) -> None:
        known = ParkedEntry.objects.select_related("contract", "entry", "proposed_by")
        self.row = get_object_or_404(known, pk=pk)

    def back(self) -> tuple[str, str | Promise]:
        return reverse("parked_entry", args=[self.row.pk]), _("Back to the parked entry")

    def subject(self) -> Rows:
        rows: Rows = [
            (_("Bill entry"), str(self.row)),
            (_("Contract"), self.row.contract.number),
            (_("Month"), month_label(self.row.month)),
            *((difference.label, difference.words) for difference in differences(self.row)),
        ]
        if self.row.rejection:
            rows.append((_("Rejected by fixed billing"), self.row.rejection))
        if self.row.proposed_by:
            rows.append((_("Proposed"), f"{self.row.proposed_by.shown_name}: {self.row.reason}"))
        return rows

    def require(self, cleaned: dict[str, Any]) -> None:
        parked.require_waiting(self.row)

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {
            "parked": self.row,
            "at": portal_clock.now(),
            "actor": self.actor,
            "reason": cleaned["reason"],
        }


class Recount(ParkedAct):
    title = _("Count it anew from its lines")
    button = _("Yes, count it anew")
    consequence = _("The entry then says what its lines say, and goes on the next file.")
    done = _("The entry was counted anew from its lines.")

    def perform(self, cleaned: dict[str, Any]) -> ParkedEntry:
        return parked.recount(**self.said(cleaned))


class Propose(ParkedAct):
    title = _("Propose to accept it as it stands")
    button = _("Yes, propose it")
    consequence = _("A second person then accepts it, or counts it anew. Until then it waits.")
    done = _("It is proposed; a second person accepts it.")

    def perform(self, cleaned: dict[str, Any]) -> ParkedEntry:
        return parked.propose_acceptance(**self.said(cleaned))


class Accept(ParkedAct):
    title = _("Accept it as it stands")
    button = _("Yes, accept it as it stands")
    consequence = _(
        "The entry stays as it is, for the reason that was proposed, and goes on the next file."
    )
    done = _("The entry is accepted as it stands.")

    def require(self, cleaned: dict[str, Any]) -> None:
        super().require(cleaned)
        parked.require_acceptable(self.row, self.actor)

    def perform(self, cleaned: dict[str, Any]) -> ParkedEntry:
        return parked.accept(**self.said(cleaned))
