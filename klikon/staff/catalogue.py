"""What was on sale on a date, at what price: the catalogue's history as one page."""

from datetime import date

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from groups import terms
from klikon import catalogue
from superfamilja.months import local_date


class DayForm(forms.Form):
    """A day as people here write it; today unless another is named."""

    day = forms.DateField(
        label=_("On sale on"),
        help_text=_("For example 30.11.2026."),
        input_formats=["%d.%m.%Y", "%Y-%m-%d"],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("This is not a date; write it as 30.11.2026.")},
    )


@require_GET
@permission_required("klikon.view_package", raise_exception=True)
def catalogue_page(request: HttpRequest) -> HttpResponse:
    """Every package of that day with its price in the shop and with Klik-ON, and those before."""
    at = timezone.now()
    today = local_date(at)
    form = DayForm({"day": request.GET.get("day") or f"{today:%d.%m.%Y}"})
    day: date | None = form.cleaned_data["day"] if form.is_valid() else None
    newest = terms.newest(at)
    context = {
        "form": form,
        "day": day,
        "newest": newest,
        "rows": catalogue.on_sale(day, newest) if day else [],
    }
    return render(request, "staff/catalogue.html", context)
