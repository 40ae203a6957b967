"""The page of figures of calls to 130: their outcomes, and where callers leave."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import cast

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from klikon.ivr.figures import figures
from superfamilja.clock import portal_clock
from superfamilja.values.months import (
    TIRANE,
    local_date,
    month_before,
    month_label,
    next_month,
    parse_month,
)

_DAYS = {"today": 1, "7": 7, "30": 30}
_MONTHS = 13  # this month and a year


class PeriodForm(forms.Form):
    """The last days up to today, or a month; seven days unless chosen otherwise."""

    period = forms.ChoiceField(
        label=_("Period"),
        error_messages={"invalid_choice": _("Choose one of the periods of the list.")},
    )

    def __init__(self, chosen: str, today: date) -> None:
        super().__init__({"period": chosen or "7"})
        self._today = today
        cast(forms.ChoiceField, self.fields["period"]).choices = [
            ("today", _("today")),
            ("7", _("the last 7 days")),
            ("30", _("the last 30 days")),
            *_months(today.replace(day=1)),
        ]

    def bounds(self) -> tuple[datetime, datetime]:
        """Return where the period begins and ends: midnights in Tirana."""
        chosen = self.cleaned_data["period"]
        if days := _DAYS.get(chosen):
            tomorrow = self._today + timedelta(days=1)
            return _midnight(tomorrow - timedelta(days=days)), _midnight(tomorrow)
        month = parse_month(chosen)
        return _midnight(month), _midnight(next_month(month))


@require_GET
@permission_required("ivr.view_phonecall", raise_exception=True)
def call_figures_page(request: HttpRequest) -> HttpResponse:
    """Outcomes, durations, refusals by kind and drop-off by step, of a period."""
    form = PeriodForm(request.GET.get("period", ""), local_date(portal_clock.now()))
    context = {"form": form, "seen": figures(*form.bounds()) if form.is_valid() else None}
    return render(request, "staff/calls.html", context)


def _months(month: date) -> Iterator[tuple[str, str]]:
    for _number in range(_MONTHS):
        yield f"{month:%Y-%m}", gettext("month %(month)s") % {"month": month_label(month)}
        month = month_before(month)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TIRANE)
