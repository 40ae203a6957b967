"""The books beside one another, for staff: what does not agree, since when, whose; its buttons."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from billing.models import BillEntry, Discrepancy, Reconciliation
from billing.pages.months import page_of
from billing.reconciliation import comparing, light, ways_out
from billing.reconciliation.kinds import KINDS, WayOut
from superfamilja.accounts.models import User
from superfamilja.accounts.site.act_page import ActPage
from superfamilja.clock import portal_clock

PAGE = 50
MAY_READ = "billing.view_discrepancy"
MAY_END = "billing.end_discrepancy"
AGES = {"1": timedelta(days=1), "7": timedelta(days=7)}
Rows = list[tuple[str | Promise, Any]]
# What stands in the evidence, in words; a name that is not here is shown as it is.
EVIDENCE: dict[str, str | Promise] = {
    "activation": _("activation"),
    "amount_lek": _("amount, Lek"),
    "adjusted": _("credits"),
    "answer": _("answer"),
    "attempts": _("attempts"),
    "bills_lek": _("on the bills, Lek"),
    "carried_in": _("carried in"),
    "carried_out": _("carried out"),
    "charge": _("charge"),
    "error": _("last error"),
    "issued_lek": _("issued, Lek"),
    "lines": _("lines"),
    "message": _("message"),
    "number": _("mobile number"),
    "order": _("order"),
    "package": _("package"),
    "problems": _("problems"),
    "reference": _("reference"),
    "rejected_lek": _("rejected, Lek"),
    "rejection": _("why it was rejected"),
    "spent": _("spent"),
    "state": _("state"),
    "waiting_lek": _("waiting, Lek"),
}
# States of charges and orders, as they are called everywhere else.
VALUES: dict[str, str | Promise] = {
    "settled": _("settled"),
    "held": _("being verified"),
    "reversed": _("reversed"),
    "ordered": _("on its way"),
    "unknown": _("no answer yet"),
    "person": _("for a person"),
    "done": _("delivered"),
    "failed": _("not possible"),
    "pending": _("taken, not delivered yet"),
    "queued": _("waiting"),
}


@dataclass(frozen=True)
class CountedKind:
    """A kind with how many of it stand open, for the filter."""

    code: str
    words: str | Promise
    number: int
    is_chosen: bool


@require_GET
@permission_required(MAY_READ, raise_exception=True)
def reconciliation_page(request: HttpRequest) -> HttpResponse:
    """What stands open, oldest first, narrowed by `?kind=` and `?days=`; the past by `?ended=1`."""
    at, page = portal_clock.now(), page_of(request)
    kind, days = request.GET.get("kind", ""), request.GET.get("days", "")
    ended = request.GET.get("ended") == "1"
    rows = Discrepancy.objects.select_related("owner", "proposed_by", "ended_by")
    rows = rows.exclude(ended_at=None).order_by("-ended_at", "-pk") if ended else rows.standing()
    if kind:
        rows = rows.filter(kind=kind)
    if days in AGES:
        rows = rows.older_than(AGES[days], at)
    start = (page - 1) * PAGE
    found = list(rows[start : start + PAGE + 1])
    narrowed = {"kind": kind, "days": days if days in AGES else "", "ended": "1" if ended else ""}
    context = {
        "rows": [(row, light.words(row.kind)) for row in found[:PAGE]],
        "kinds": _kinds(kind),
        "kind": kind,
        "days": days,
        "ages": list(AGES),
        "ended": ended,
        "page": page,
        "has_more": len(found) > PAGE,
        "narrowed": "".join(f"{name}={value}&" for name, value in narrowed.items() if value),
        "last": Reconciliation.objects.exclude(ended_at=None).order_by("-ended_at").first(),
        "asked": Reconciliation.objects.select_related("asked_by").filter(ended_at=None).first(),
        "light_now": light.light(at),
    }
    return render(request, "staff/reconciliation.html", context)


def _kinds(chosen: str) -> list[CountedKind]:
    counts = Discrepancy.objects.filter(ended_at=None).values("kind")
    counted = counts.annotate(number=Count("pk"), oldest=Min("first_seen_at")).order_by("oldest")
    return [
        CountedKind(row["kind"], light.words(row["kind"]), row["number"], row["kind"] == chosen)
        for row in counted
    ]


@require_GET
@permission_required(MAY_READ, raise_exception=True)
def discrepancy_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One difference: what each book says, its age, whose it is, and its ways out."""
    known = Discrepancy.objects.select_related("owner", "proposed_by", "ended_by")
    row = get_object_or_404(known, pk=pk)
    kind = KINDS.get(row.kind)
    context = {
        "row": row,
        "words": light.words(row.kind),
        "to_do": kind.to_do if kind else "",
        "evidence": evidence(row),
        "ways": _ways(request, row, kind.ways if kind else ()),
        "acts": _acts(request, row),
        "proposed_by_you": row.proposed_by_id == request.user.pk,
    }
    return render(request, "staff/discrepancy.html", context)


def evidence(row: Discrepancy) -> list[tuple[str | Promise, Any, Any]]:
    """Each figure with what we say and what the other book says."""
    names = [*row.ours, *(name for name in row.theirs if name not in row.ours)]
    return [
        (EVIDENCE.get(name, name), _value(row.ours.get(name)), _value(row.theirs.get(name)))
        for name in names
    ]


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):  # of a parked entry: what it says, what its lines say
        return " ≠ ".join(str(one) for one in value)
    return "—" if value in (None, "") else VALUES.get(str(value), value)


def _ways(
    request: HttpRequest, row: Discrepancy, ways: tuple[WayOut, ...]
) -> list[tuple[str, str | Promise]]:
    """Address and name of what puts it right and this person may do."""
    if row.ended_at is not None:
        return []
    return [
        (reverse(way.page, args=[row.links[way.link]] if way.link else []), way.words)
        for way in ways
        if request.user.has_perm(way.permission) and (not way.link or way.link in row.links)
    ]


def _acts(request: HttpRequest, row: Discrepancy) -> list[tuple[str, str | Promise]]:
    if row.ended_at is not None or not request.user.has_perm(MAY_END):
        return []
    known: list[tuple[str, str | Promise]] = []
    if row.owner_id != request.user.pk:
        known.append(("take_discrepancy", TakeDiscrepancy.title))
    if row.proposed_by_id and row.proposed_by_id != request.user.pk:
        known.append(("accept_discrepancy", AcceptDiscrepancy.title))
    known.append(("propose_discrepancy", ProposeDiscrepancy.title))
    return [(reverse(name, args=[row.pk]), title) for name, title in known]


class CompareNow(ActPage):
    """Asks for a comparison; the worker carries it out."""

    permission_required = (MAY_END, MAY_READ)
    title = _("Compare the books now")
    button = _("Yes, compare them now")
    consequence = _(
        "The charging system is asked for its list, and every book is compared. It may take some "
        "minutes; the page shows when it is done."
    )
    done = _("The comparison is on its way.")

    def load(self, pk: int) -> None:
        if pk:
            raise Http404

    def back(self) -> tuple[str, str | Promise]:
        return reverse("reconciliation"), _("Back to the books")

    def perform(self, cleaned: dict[str, Any]) -> Reconciliation:
        return comparing.ask(at=portal_clock.now(), actor=self.actor, reason=cleaned["reason"])


class DiscrepancyAct(ActPage):
    """What the acts on a difference share: what it is, and that it has not ended."""

    permission_required = (MAY_END, MAY_READ)
    row: Discrepancy

    def load(self, pk: int) -> None:
        known = Discrepancy.objects.select_related("owner", "proposed_by")
        self.row = get_object_or_404(known, pk=pk)

    def back(self) -> tuple[str, str | Promise]:
        return reverse("discrepancy", args=[self.row.pk]), _("Back to the difference")

    def subject(self) -> Rows:
        rows: Rows = [
            (_("What does not agree"), light.words(self.row.kind)),
            (_("About"), self.row.key),
            *(
                (label, _("we say %(ours)s, the other book says %(theirs)s") % said)
                for label, said in self._said()
            ),
        ]
        if self.row.proposed_by:
            rows.append((_("Proposed"), f"{self.row.proposed_by.shown_name}: {self.row.reason}"))
        return rows

    def _said(self) -> list[tuple[str | Promise, dict[str, Any]]]:
        return [
            (label, {"ours": ours, "theirs": theirs}) for label, ours, theirs in evidence(self.row)
        ]

    def require(self, cleaned: dict[str, Any]) -> None:
        ways_out.require_standing(self.row)

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {
            "found": self.row,
            "at": portal_clock.now(),
            "actor": self.actor,
            "reason": cleaned["reason"],
        }


class TakeDiscrepancy(DiscrepancyAct):
    title = _("Take it over")
    button = _("Yes, I look after it")
    consequence = _("Your name stands beside it until it has ended.")
    done = _("You look after it now.")

    def perform(self, cleaned: dict[str, Any]) -> Discrepancy:
        return ways_out.take(**self.said(cleaned))


class ProposeDiscrepancy(DiscrepancyAct):
    title = _("Propose to accept it as it is")
    button = _("Yes, propose it")
    consequence = _("A second person then accepts it. Nothing is put right by that.")
    done = _("It is proposed; a second person accepts it.")

    def perform(self, cleaned: dict[str, Any]) -> Discrepancy:
        return ways_out.propose(**self.said(cleaned))


class AcceptDiscrepancy(DiscrepancyAct):
    title = _("Accept it as it is")
    button = _("Yes, accept it as it is")
    consequence = _("It ends for good, unless one of the books says something else later.")
    done = _("The difference is accepted as it is.")

    def require(self, cleaned: dict[str, Any]) -> None:
        super().require(cleaned)
        ways_out.require_acceptable(self.row, self.actor)

    def perform(self, cleaned: dict[str, Any]) -> Discrepancy:
        return ways_out.accept_difference(**self.said(cleaned))


class SetEntryRight(ActPage):
    """An entry that no longer says what its lines say."""

    permission_required = (MAY_END, "billing.view_billentry")
    title = _("Set the entry right")
    button = _("Yes, set it right")
    consequence = _(
        "In an open month the entry then says what its lines say. In a closed month whose file has "
        "not gone out it is parked, and waits there for its way out."
    )
    done = _("The entry is set right. Compare the books again.")
    entry: BillEntry

    def load(self, pk: int) -> None:
        self.entry = get_object_or_404(BillEntry.objects.select_related("contract"), pk=pk)

    def back(self) -> tuple[str, str | Promise]:
        return reverse("reconciliation"), _("Back to the books")

    def subject(self) -> Rows:
        return [
            (_("Bill entry"), str(self.entry)),
            (_("Contract"), self.entry.contract.number),
        ]

    def perform(self, cleaned: dict[str, Any]) -> BillEntry:
        actor: User = self.actor
        return ways_out.set_entry_right(
            entry=self.entry, at=portal_clock.now(), actor=actor, reason=cleaned["reason"]
        )
