"""The staff's pages after a restore: the halt, its lines, and the acts of two people."""

from hashlib import sha256
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from billing.pages.months import page_of
from klikon.comparison import deciding, ending
from klikon.comparison.forms import EndForm, GoOnForm, ProposeForm, ReferenceForm
from klikon.comparison.models import ComparedOrder, Ending
from klikon.comparison.refusals import LineNotProposed, ProposalChanged
from superfamilja.accounts.site.act_page import ActPage
from superfamilja.clock import portal_clock
from superfamilja.data.patience import be_patient
from superfamilja.epoch.models import Halt
from superfamilja.messages.models import OutgoingMessage, State
from superfamilja.refusal import Refusal

PAGE = 50
MAY_DECIDE = "comparison.end_line"
MAY_READ = "comparison.view_comparedorder"
Rows = list[tuple[str | Promise, Any]]


@require_GET
@permission_required(MAY_READ, raise_exception=True)
def after_restore(request: HttpRequest) -> HttpResponse:
    """Show the open halt, or the last one, with its lines, the open ones first."""
    halt = Halt.objects.select_related("proposed_by", "ended_by").order_by("-pk").first()
    page = page_of(request)
    rows: list[ComparedOrder] = []
    context: dict[str, Any] = {"halt": halt, "page": page}
    if halt:
        found = _lines(halt)[(page - 1) * PAGE : page * PAGE + 1]
        rows = list(found)
        context |= {
            "comparison": halt.comparisons.order_by("-pk").first(),
            "counts": _counts(halt, request.user.pk),
            "waiting": waiting_messages(halt).count(),
            "acts": _acts(request, halt),
        }
    context |= {"rows": rows[:PAGE], "has_more": len(rows) > PAGE}
    return render(request, "staff/after_restore.html", context)


def waiting_messages(halt: Halt) -> QuerySet[OutgoingMessage]:
    """Return the SMS that waited in the database when it was restored."""
    return OutgoingMessage.objects.filter(pk__lte=halt.last_message, state=State.QUEUED)


def _lines(halt: Halt) -> QuerySet[ComparedOrder]:
    known = ComparedOrder.objects.filter(halt=halt)
    return known.select_related("proposed_by", "confirmed_by").order_by(
        "-confirmed_at", "taken_at", "pk"
    )


def _counts(halt: Halt, person: int | None) -> dict[str, int]:
    still_open = Q(confirmed_at=None)
    proposed = still_open & Q(proposed_at__isnull=False)
    return ComparedOrder.objects.filter(halt=halt).aggregate(
        all=Count("pk"),
        open=Count("pk", filter=still_open),
        unproposed=Count("pk", filter=still_open & Q(proposed_at=None)),
        yours=Count("pk", filter=proposed & Q(proposed_by=person)),
        others=Count("pk", filter=proposed & ~Q(proposed_by=person)),
    )


def _acts(request: HttpRequest, halt: Halt) -> list[tuple[str, str | Promise]]:
    """Return address and name of what this person may do next."""
    if halt.ended_at or not request.user.has_perm(MAY_DECIDE) or not halt.comparisons.exists():
        return []
    counts = _counts(halt, request.user.pk)
    known: list[tuple[str, str | Promise]] = []
    if counts["others"]:
        known.append(("confirm_endings", ConfirmEndings.title))
    if counts["open"]:
        known.append(("propose_ending", ProposeEnding.title))
    elif halt.proposed_by_id and halt.proposed_by_id != request.user.pk:
        known.append(("end_halt", EndHalt.title))
    if not counts["open"]:
        known.append(("propose_end_of_halt", ProposeEndOfHalt.title))
    return [(reverse(name, args=[halt.pk]), title) for name, title in known]


class RestoreAct(ActPage):
    """Base of the acts: loads the open halt."""

    permission_required = (MAY_DECIDE, MAY_READ)
    halt: Halt

    def load(self, pk: int) -> None:
        self.halt = get_object_or_404(Halt.objects.select_related("proposed_by"), pk=pk)
        if self.halt.ended_at:
            raise Http404

    def back(self) -> tuple[str, str | Promise]:
        return reverse("after_restore"), _("Back to the comparison")

    def subject(self) -> Rows:
        return [
            (_("Noticed"), timezone.localtime(self.halt.noticed_at).strftime("%d.%m.%Y %H:%M")),
            (_("Why"), self.halt.get_why_display()),
            (_("Lines that are open"), self._open().count()),
        ]

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {"actor": self.actor, "at": portal_clock.now(), "reason": cleaned["reason"]}

    def _open(self) -> QuerySet[ComparedOrder]:
        return ComparedOrder.objects.open().filter(halt=self.halt)


class ProposeEnding(RestoreAct):
    form_class = ProposeForm
    title = _("Propose what becomes of lines")
    button = _("Yes, propose it")
    consequence = _(
        "A second person confirms it. Charged: the sale is written again, in the month of its "
        "acceptance. Given back: nothing is charged, what was charged is taken back; the package "
        "itself you have taken back in the charging system. Accepted: everything stays as it is."
    )
    done = _("It is proposed; a second person confirms it.")

    def make_form(self, *args: Any) -> forms.Form:
        return ProposeForm(self.halt, *args)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        asked = ComparedOrder.objects.open().filter(
            halt=self.halt, reference=request.GET.get("reference", "")
        )
        line = asked.first()
        form = self.make_form()
        if line:
            form.initial = {"reference": line.reference, "which": line.difference}
        return self.show(self.template, form=form)

    def typed(self, form: forms.Form) -> Rows:
        lines = cast(ProposeForm, form).lines()  # this page makes no other
        return [*super().typed(form), (_("Lines that are meant"), len(lines))]

    def perform(self, cleaned: dict[str, Any]) -> int:
        be_patient()
        form = ProposeForm(self.halt, self.request.POST)
        form.full_clean()
        return deciding.propose_ending(
            lines=form.lines(), how=Ending(cleaned["how"]), **self.said(cleaned)
        )


class ConfirmEndings(RestoreAct):
    form_class = ReferenceForm
    title = _("Confirm what others proposed")
    button = _("Yes, carry it out")
    consequence = _("Each line ends as it was proposed. This is for good.")

    def subject(self) -> Rows:
        found = self._proposed().values("ending", "proposed_by__username", "reason")
        groups = found.annotate(number=Count("pk")).order_by("ending", "proposed_by__username")
        return [
            *super().subject(),
            *(
                (
                    Ending(row["ending"]).label,
                    f"{row['number']} · {row['proposed_by__username']}: {row['reason']}",
                )
                for row in groups
            ),
        ]

    def perform(self, cleaned: dict[str, Any]) -> tuple[int, list[Refusal]]:
        """Confirm each line in a transaction of its own, so that a failing one stops no other."""
        be_patient()
        done, refused = 0, []
        lines = list(self._proposed(cleaned["reference"]))
        if not lines:
            raise LineNotProposed
        if cleaned["seen"] != self._digest():
            raise ProposalChanged
        for line in lines:
            try:
                deciding.confirm_ending(
                    line=line, expected=Ending(line.ending), **self.said(cleaned)
                )
                done += 1
            except Refusal as refusal:
                refused.append(refusal)
        return done, refused

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        form = self.make_form()
        form.initial = {"seen": self._digest()}
        return self.show(self.template, form=form)

    def _digest(self) -> str:
        """Return a hash of all proposals of others: a changed proposal must be seen again."""
        rows = self._proposed().values_list("pk", "ending", "proposed_at", "reason")
        return sha256(repr(list(rows)).encode()).hexdigest()

    def after(self, outcome: tuple[int, list[Refusal]]) -> HttpResponse:
        done, refused = outcome
        messages.success(self.request, _("Lines that ended: %(number)s.") % {"number": done})
        for refusal in refused:
            messages.warning(self.request, refusal.text())
        return redirect(self.back()[0])

    def _proposed(self, reference: str = "") -> QuerySet[ComparedOrder]:
        lines = ComparedOrder.objects.proposed().filter(halt=self.halt)
        lines = lines.exclude(proposed_by=self.actor).order_by("pk")
        return lines.filter(reference=reference) if reference else lines


class ProposeEndOfHalt(RestoreAct):
    form_class = GoOnForm
    title = _("Propose to sell again")
    button = _("Yes, propose it")
    consequence = _("A second person ends the standstill. Until then nothing is sold.")
    done = _("It is proposed; a second person ends the standstill.")

    def subject(self) -> Rows:
        return [*super().subject(), (_("SMS that wait"), waiting_messages(self.halt).count())]

    def perform(self, cleaned: dict[str, Any]) -> Halt:
        deciding.require_compared()
        return ending.propose_end(
            send_waiting=cleaned["send_waiting"] == "yes", **self.said(cleaned)
        )


class EndHalt(RestoreAct):
    form_class = EndForm
    title = _("End the standstill")
    button = _("Yes, sell again")
    consequence = _("Klik-ON sells, tells and bills again, at once and on every channel.")
    done = _("The standstill has ended. Klik-ON sells again.")

    def subject(self) -> Rows:
        halt = self.halt
        proposed = f"{halt.proposed_by.shown_name}: {halt.reason}" if halt.proposed_by else "—"
        waiting = _("they are sent") if halt.send_waiting else _("they are not sent")
        return [*super().subject(), (_("Proposed"), proposed), (_("SMS that wait"), waiting)]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        form = self.make_form()
        form.initial = {"seen": str(self.halt.proposed_at)}
        return self.show(self.template, form=form)

    def perform(self, cleaned: dict[str, Any]) -> Halt:
        return deciding.end_standstill(proposed_at=cleaned["seen"], **self.said(cleaned))
