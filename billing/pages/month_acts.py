"""Staff acts on a month: close it, cancel the close; and what file_acts.py needs of them."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from billing import charges
from billing.models import BillMonth, CloseRequest, MonthState
from billing.month import close_requests, closing, figures, overview
from billing.month.figures import Figures
from billing.pages.charge_forms import ClosedMonthForm, CloseForm
from billing.pages.months import known_month
from superfamilja.accounts.site.act_page import ActPage, new_key
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values.months import month_before, month_label

Rows = list[tuple[str | Promise, Any]]


def bound_anew(
    form: forms.Form, make: Callable[..., forms.Form], seen: dict[str, str]
) -> forms.Form:
    """Return the same form with what was typed, and with the present figures."""
    return make({**dict(form.data.items()), **seen})


class MonthAct(ActPage):
    """Base of the acts on a month: the month, its state, the way back to it."""

    check_template = "staff/month_act_check.html"
    month: date
    number: int
    row: BillMonth | None
    shows_figures: ClassVar[bool] = False

    def load(self, pk: int) -> None:
        self.month, self.number = known_month(pk), pk
        rows = BillMonth.objects.select_related("closed_by", "approved_by")
        self.row = rows.filter(month=self.month).first()

    def back(self) -> tuple[str, str | Promise]:
        return reverse("month", args=[self.number]), _("Back to the month")

    def subject(self) -> Rows:
        row = self.row
        rows: Rows = [
            (_("Month"), month_label(self.month)),
            (_("State"), row.get_state_display() if row else MonthState.OPEN.label),
        ]
        if row and row.closed_by and row.closed_at:
            rows.append(
                (
                    _("Closed"),
                    f"{row.closed_by.shown_name}, {localtime(row.closed_at):%d.%m.%Y %H:%M}",
                )
            )
        return rows

    def check(self, form: forms.Form) -> HttpResponse:
        """Show the figures for checking, beside what was typed."""
        return self.show(self.check_template, form=form, typed=self.typed(form), **self.figures())

    def figures(self) -> dict[str, Any]:
        return self.compared(figures.of_month(self.month)) if self.shows_figures else {}

    def compared(self, now: Figures) -> dict[str, Any]:
        before = month_before(self.month)
        return {
            "lines": overview.lines(self.month, now, figures.of_month(before)),
            "month": self.month,
            "month_before": before,
        }

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of every verb on a month: which month, who, when, why."""
        return {
            "month": self.month,
            "at": portal_clock.now(),
            "actor": self.actor,
            "reason": cleaned["reason"],
        }


class CloseMonth(MonthAct):
    """Ask for the close; the worker carries it out (ADR 0010). Checking writes nothing."""

    permission_required = ("billing.close_month", "billing.view_billmonth")
    form_class = CloseForm
    title = _("Close the month")
    button = _("Yes, close the month with these figures")
    consequence = _(
        "From then on nothing posts to the month. What is still being verified goes on a later "
        "bill, and entries that do not agree with their lines are parked. Until a second person "
        "has approved the month, the close can be cancelled."
    )
    done = _("The close is on its way.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        form = self.make_form()
        return self.in_the_way(form) or self.show(self.template, form=form)

    def in_the_way(self, form: forms.Form) -> HttpResponse | None:
        """Return the page with a refusal that is already certain, or None."""
        try:
            closing.require_finished(self.month, portal_clock.now())
            if charges.is_closed(self.month):
                raise close_requests.MonthClosedBefore(month=month_label(self.month))
        except Refusal as refusal:
            return self.refused(form, refusal)
        return None

    def check(self, form: forms.Form) -> HttpResponse:
        if no := self.in_the_way(form):
            return no
        seen = figures.if_closed(self.month)
        looked = self.make_form({**form.cleaned_data, "expected": json.dumps(asdict(seen))})
        looked.is_valid()
        return self.show(
            self.check_template, form=looked, typed=self.typed(looked), **self.compared(seen)
        )

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        """Show the refusal with a new key and no figures, so that the person looks again."""
        if form.is_bound:
            form = bound_anew(form, self.make_form, {"key": new_key(), "expected": ""})
        return super().refused(form, refusal)

    def perform(self, cleaned: dict[str, Any]) -> CloseRequest:
        if cleaned["expected"] is None:
            raise closing.FiguresChanged(month=month_label(self.month))
        return close_requests.ask(
            **self.said(cleaned), key=cleaned["key"], expected=cleaned["expected"]
        )


class ClosedMonthAct(MonthAct):
    """Base of acts on a close that the page has shown; another close meanwhile is refused."""

    form_class = ClosedMonthForm
    shows_figures = True

    def make_form(self, *args: Any) -> forms.Form:
        return self.form_class(args[0] if args else None, initial=self.seen())

    def seen(self) -> dict[str, str]:
        """Return what the page shows, so that the confirmation is bound to it."""
        closed_at = self.row.closed_at if self.row else None
        return {"closed_at": closed_at.isoformat() if closed_at else ""}

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        """Show the refusal with the present close, so that the person looks again."""
        self.load(self.number)
        return super().refused(bound_anew(form, self.make_form, self.seen()), refusal)

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        if cleaned["closed_at"] is None:
            raise closing.MonthNotClosed(month=month_label(self.month))
        return {**super().said(cleaned), "closed_at": cleaned["closed_at"]}


class CancelClose(ClosedMonthAct):
    permission_required = ("billing.close_month", "billing.view_billmonth")
    title = _("Cancel the close")
    button = _("Yes, open the month again")
    consequence = _(
        "The month is open again. What was carried and is still being verified comes back; what "
        "has been settled meanwhile stays on its later bill. The month is then closed anew."
    )
    done = _("The close is cancelled; the month is open again.")

    def perform(self, cleaned: dict[str, Any]) -> BillMonth:
        return closing.cancel_close(**self.said(cleaned))
