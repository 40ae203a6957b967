"""Show what was on sale on a date, at what price: the catalogue's history as one page."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from groups import terms
from klikon.catalogue import on_sale, price_correction
from klikon.catalogue.price_correction import PriceFarOff, PriceWasBought
from klikon.models import Package
from klikon.staff.act import Rows
from superfamilja.accounts.site.act_page import ActPage, ReasonForm
from superfamilja.clock import portal_clock
from superfamilja.values.lek import lek
from superfamilja.values.lek_field import LekField
from superfamilja.values.months import local_date
from superfamilja.web.form_layout import FieldsFormHelper


class DayForm(forms.Form):
    """A day as people here write it; today unless given."""

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
    at = portal_clock.now()
    today = local_date(at)
    form = DayForm({"day": request.GET.get("day") or f"{today:%d.%m.%Y}"})
    day: date | None = form.cleaned_data["day"] if form.is_valid() else None
    newest = terms.newest(at)
    context = {
        "form": form,
        "day": day,
        "newest": newest,
        "rows": on_sale.on_sale(day, newest) if day else [],
    }
    return render(request, "staff/catalogue.html", context)


class PriceForm(ReasonForm):
    """The right price and, if it is far from the one before, a yes to it."""

    helper = FieldsFormHelper("list_price_lek", "is_confirmed", "reason")

    list_price_lek = LekField(
        label=_("The right price in the shop, Lek"),
        min_value=1,
        help_text=_("Whole Lek, VAT included: 1000 or 1.000."),
    )
    is_confirmed = forms.BooleanField(
        label=_("It differs from the price before by more than half, and is right"), required=False
    )


class CorrectPrice(ActPage):
    """Correct a wrong price that nobody bought at; the catalogue's file can do the same."""

    permission_required = ("klikon.view_package", "klikon.correct_price")
    form_class = PriceForm
    title = _("Put a wrong price right")
    button = _("Yes, replace the price")
    consequence = _(
        "From this moment the package is sold at the new price. It is possible only while nobody "
        "bought at the wrong one. Both prices stand in the history beside your name."
    )
    done = _("The price is put right.")
    package: Package

    def load(self, pk: int) -> None:
        self.package = get_object_or_404(Package, pk=pk)

    def back(self) -> tuple[str, str | Promise]:
        return reverse("catalogue"), _("Back to the catalogue")

    def subject(self) -> Rows:
        package = self.package
        before = price_correction.price_before(package.code, package.on_sale_from)
        return [
            (_("Package"), f"{package.name} ({package.code})"),
            (_("On sale from"), f"{package.on_sale_from:%d.%m.%Y}"),
            (_("Price now"), lek(package.list_price_lek)),
            (_("Price before"), lek(before) if before else _("none")),
        ]

    def check(self, form: forms.Form) -> HttpResponse:
        """Show a refusal before the last step, and not after it."""
        package = self.package
        if price_correction.is_bought(package):
            was = lek(package.list_price_lek)
            return self.refused(form, PriceWasBought(package=package.name, price=was))
        price, is_confirmed = (form.cleaned_data[k] for k in ("list_price_lek", "is_confirmed"))
        before = price_correction.price_before(package.code, package.on_sale_from)
        if before and price_correction.is_far_off(price, before) and not is_confirmed:
            far_off = PriceFarOff(package=package.name, before=lek(before), price=lek(price))
            return self.refused(form, far_off)
        return super().check(form)

    def typed(self, form: forms.Form) -> Rows:
        """Leave out the yes where it was not asked for."""
        asked = form.fields["is_confirmed"].label
        is_confirmed = form.cleaned_data["is_confirmed"]
        return [row for row in super().typed(form) if row[0] != asked or is_confirmed]

    def shown(self, form: forms.Form, name: str) -> Any:
        value = super().shown(form, name)
        if name == "is_confirmed":
            return _("yes")
        return lek(value) if name == "list_price_lek" else value

    def perform(self, cleaned: dict[str, Any]) -> Package:
        return price_correction.correct_price(
            package=self.package, at=portal_clock.now(), actor=self.actor, **cleaned
        )
