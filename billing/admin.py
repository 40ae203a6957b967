"""Registers of money: months, entries, charges, and their outcomes."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from billing.models import (
    BillEntry,
    BillMonth,
    CarriedCharge,
    Charge,
    ChargeState,
    Credit,
    Dispute,
    ParkedEntry,
    Reversal,
)
from superfamilja.values.lek import lek
from superfamilja.values.months import month_label, month_number
from superfamilja.web.read_only import ReadOnlyAdmin, link, list_link, month_filter


@admin.register(BillMonth)
class BillMonthAdmin(ReadOnlyAdmin):
    list_display = ("month_shown", "state", "closed_by", "closed_at", "approved_by", "approved_at")
    list_select_related = ("closed_by", "approved_by")
    list_filter = ("state",)
    ordering = ("-month",)
    fields = (
        "month_shown",
        "overview",
        "state",
        "closed_by",
        "closed_at",
        "approved_by",
        "approved_at",
    )

    @admin.display(description=_("month"), ordering="month")
    def month_shown(self, row: BillMonth) -> str:
        return month_label(row.month)

    @admin.display(description=_("figures"))
    def overview(self, row: BillMonth) -> SafeString:
        address = reverse("month", args=[month_number(row.month)])
        return format_html('<a href="{}">{}</a>', address, _("The month and its figures"))


class OfItsMonth(admin.SimpleListFilter):
    """Filter: what a charge was to its month; it selects the rows behind the month's figures."""

    title = _("place in its month")
    parameter_name = "in_its_month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("unreversed", _("activations, unreversed")),
            ("reversed", _("reversed")),
            ("carried", _("carried to a later bill")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        carried = Exists(CarriedCharge.objects.in_force().filter(charge=OuterRef("pk")))
        is_reversed = Q(state=ChargeState.REVERSED)
        match self.value():
            case "unreversed":
                return queryset.filter(~is_reversed | carried)
            case "reversed":
                return queryset.filter(is_reversed & ~carried)
            case "carried":
                return queryset.filter(carried)
        return queryset


class ParkedAtClose(admin.SimpleListFilter):
    """Filter: entries that agreed with their lines at the close, and those that did not."""

    title = _("parked at the close")
    parameter_name = "parked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("no")), ("yes", _("yes"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        at_close = ParkedEntry.objects.in_force().filter(answer=None)
        parked = Exists(at_close.filter(entry=OuterRef("pk")))
        match self.value():
            case "no":
                return queryset.filter(~parked)
            case "yes":
                return queryset.filter(parked)
        return queryset


class MoneyAdmin(ReadOnlyAdmin):
    """Base of the registers of one contract's money: their links and their amounts."""

    together: ClassVar[tuple[str, ...]] = ("contract",)
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.together)

    @admin.display(description=_("contract"))
    def contract_link(self, row: Any) -> SafeString | str:
        return link(row.contract)

    @admin.display(description=_("bill entry"))
    def entry_link(self, row: Any) -> SafeString | str:
        return link(row.entry)

    @admin.display(description=_("charge"))
    def charge_link(self, row: Any) -> SafeString | str:
        return link(row.charge)

    @admin.display(description=_("month"))
    def month_shown(self, row: Any) -> str:
        return month_label(row.month)

    @admin.display(description=_("amount"))
    def amount(self, row: Any) -> str:
        return lek(row.amount_lek)

    @admin.display(description=_("amount"))
    def charge_amount(self, row: Any) -> str:
        return lek(row.charge.amount_lek)


@admin.register(BillEntry)
class BillEntryAdmin(MoneyAdmin):
    list_display = ("reference", "month_shown", "contract", "spent_shown", "total")
    list_filter = (month_filter(), ParkedAtClose)
    filters_by_id = ("contract",)
    ordering = ("-month", "-contract_id")
    fields = (
        "reference",
        "contract_link",
        "month_shown",
        "spent_shown",
        "adjusted",
        "carried_out",
        "carried_in",
        "total",
        "vat",
        "charges",
        "credits",
        "carried",
    )

    @admin.display(description=_("reference"))
    def reference(self, entry: BillEntry) -> str:
        return entry.reference

    @admin.display(description=_("spent"))
    def spent_shown(self, entry: BillEntry) -> str:
        return lek(entry.spent)

    @admin.display(description=_("on the fixed bill"))
    def total(self, entry: BillEntry) -> str:
        return lek(entry.total_lek)

    @admin.display(description=_("VAT in it"))
    def vat(self, entry: BillEntry) -> str:
        return f"{entry.vat_lek:.2f}".replace(".", ",")

    @admin.display(description=_("charges"))
    def charges(self, entry: BillEntry) -> SafeString:
        return list_link(Charge, str(_("All charges of this entry")), entry=entry.pk)

    @admin.display(description=_("credits"))
    def credits(self, entry: BillEntry) -> SafeString:
        return list_link(Credit, str(_("All credits of this entry")), entry=entry.pk)

    @admin.display(description=_("carried charges"))
    def carried(self, entry: BillEntry) -> SafeString:
        text = str(_("All carried charges of this contract"))
        return list_link(CarriedCharge, text, contract=entry.contract_id)


@admin.register(Charge)
class ChargeAdmin(MoneyAdmin):
    list_display = ("reference", "month_shown", "amount", "state", "contract")
    together = ("contract", "entry")
    list_filter = ("state", month_filter(), OfItsMonth)
    filters_by_id = ("contract", "entry")
    fields = (
        "reference",
        "text",
        "amount",
        "state",
        "contract_link",
        "entry_link",
        "evidence",
        "month_shown",
        "accepted_at",
        "outcome_at",
        "spent_after",
        "limit_then",
        "reversal_link",
        "credited",
        "carried",
        "recognised",
        "questions",
    )
    change_form_template = "admin/billing/charge.html"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        charge = self.get_object(request, object_id)
        acts = _acts_on(charge, request) if charge else []
        context = {**(extra_context or {}), "charge_acts": acts}
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("what it is for"))
    def evidence(self, charge: Charge) -> SafeString | str:
        """Return the record of the product that posted the charge; billing knows no products."""
        evidence: Model | None = import_string(settings.CHARGE_EVIDENCE_PROVIDER)(charge)
        return link(evidence)

    @admin.display(description=_("reversal"))
    def reversal_link(self, charge: Charge) -> SafeString | str:
        reversal: Reversal | None = getattr(charge, "reversal", None)
        return link(reversal, reversal.reason if reversal else "")

    @admin.display(description=_("credited"))
    def credited(self, charge: Charge) -> SafeString | str:
        if not charge.credited_lek:
            return "—"
        return list_link(Credit, lek(charge.credited_lek), charge=charge.pk)

    @admin.display(description=_("carried"))
    def carried(self, charge: Charge) -> SafeString | str:
        carried = charge.carried.last()
        return link(carried, str(carried)) if carried else "—"

    @admin.display(description=_("recognised by the payer"))
    def recognised(self, charge: Charge) -> str:
        known = getattr(charge, "recognition", None)
        return date_format(localtime(known.recognised_at), "DATETIME_FORMAT") if known else "—"

    @admin.display(description=_("questions and complaints"))
    def questions(self, charge: Charge) -> SafeString | str:
        asked = charge.disputes.order_by("-opened_at")
        return (
            format_html_join(
                ", ", '<a href="{}">{}</a>', [(reverse("question", args=[d.pk]), d) for d in asked]
            )
            or "—"
        )


def _acts_on(charge: Charge, request: HttpRequest) -> list[tuple[str, str | Promise]]:
    """Return address and name of what this person may do with the charge in its present state."""
    may = request.user.has_perm
    acts: list[tuple[str, str | Promise]] = []
    if may("billing.give_credit") and charge.creditable_lek:
        acts.append((reverse("give_credit", args=[charge.pk]), _("Give a credit")))
    if may("billing.reverse_charge") and not charge.is_reversed:
        acts.append((reverse("reverse_charge", args=[charge.pk]), _("Reverse the charge")))
    if may("billing.take_down_question"):
        acts.append((reverse("take_down_question", args=[charge.pk]), _("Take down a question")))
    return acts


@admin.register(Reversal)
class ReversalAdmin(MoneyAdmin):
    list_display = ("charge", "charge_amount", "reversed_at", "reason", "contract")
    together = ("contract", "charge", "actor")
    list_filter = (month_filter("charge__month", _("month of the charge")),)
    filters_by_id = ("contract",)
    fields = ("charge_link", "charge_amount", "contract_link", "reason", "reversed_at", "actor")


@admin.register(Credit)
class CreditAdmin(MoneyAdmin):
    list_display = ("charge", "amount", "kind", "month_shown", "told", "reason", "contract")
    together = ("contract", "charge", "entry", "author")
    list_filter = ("kind", month_filter())
    filters_by_id = ("contract", "charge", "entry")
    fields = (
        "charge_link",
        "amount",
        "kind",
        "contract_link",
        "entry_link",
        "month_shown",
        "told",
        "reason",
        "credited_at",
        "author",
    )


@admin.register(CarriedCharge)
class CarriedChargeAdmin(MoneyAdmin):
    list_display = ("charge", "charge_amount", "from_month", "into_month", "withdrawn_at")
    together = ("contract", "charge")
    list_filter = (
        month_filter("from_month", _("month of the charge")),
        month_filter("into_month", _("month of the bill")),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    )
    filters_by_id = ("contract", "charge")
    fields = (
        "charge_link",
        "charge_amount",
        "contract_link",
        "from_month",
        "carried_at",
        "into_month",
        "withdrawn_at",
    )


@admin.register(Dispute)
class DisputeAdmin(MoneyAdmin):
    """The register of all questions and complaints, closed ones too; staff answer elsewhere."""

    list_display = (
        "reference",
        "kind_shown",
        "opened_at",
        "waiting_since",
        "closed_at",
        "contract",
    )
    together = ("contract", "charge", "taken_down_by", "closed_by")
    list_filter = (
        ("complained_at", admin.EmptyFieldListFilter),
        ("closed_at", admin.EmptyFieldListFilter),
    )
    filters_by_id = ("contract", "charge")
    ordering = ("-opened_at",)
    fields = (
        "reference",
        "kind_shown",
        "page",
        "charge_link",
        "contract_link",
        "opened_at",
        "taken_down_by",
        "complained_at",
        "waiting_since",
        "closed_at",
        "closed_by",
        "closed_reason",
    )

    @admin.display(description=_("kind"))
    def kind_shown(self, dispute: Dispute) -> str:
        return str(dispute.kind)

    @admin.display(description=_("conversation"))
    def page(self, dispute: Dispute) -> SafeString:
        address = reverse("question", args=[dispute.pk])
        return format_html('<a href="{}">{}</a>', address, dispute.reference)
