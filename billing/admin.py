"""Registers of the money side: months, entries and charges, each leading to the other."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.models import BillEntry, BillMonth, Charge
from superfamilja.lek import lek
from superfamilja.months import month_label
from superfamilja.read_only import ReadOnlyAdmin, link, list_link


@admin.register(BillMonth)
class BillMonthAdmin(ReadOnlyAdmin):
    list_display = ("month", "closed_at")
    ordering = ("-month",)


@admin.register(BillEntry)
class BillEntryAdmin(ReadOnlyAdmin):
    list_display = ("reference", "month_shown", "contract", "spent_shown", "total")
    list_select_related = ("contract",)
    list_filter = ("month",)
    filters_by_id = ("contract",)
    ordering = ("-pk",)
    fields = (
        "reference", "contract_link", "month_shown", "spent_shown", "adjusted", "carried_out",
        "carried_in", "total", "vat", "charges",
    )  # fmt: skip

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("contract")

    @admin.display(description=_("reference"))
    def reference(self, entry: BillEntry) -> str:
        return entry.reference

    @admin.display(description=_("month"))
    def month_shown(self, entry: BillEntry) -> str:
        return month_label(entry.month)

    @admin.display(description=_("spent"))
    def spent_shown(self, entry: BillEntry) -> str:
        return lek(entry.spent)

    @admin.display(description=_("on the fixed bill"))
    def total(self, entry: BillEntry) -> str:
        return lek(entry.total_lek)

    @admin.display(description=_("VAT in it"))
    def vat(self, entry: BillEntry) -> str:
        return f"{entry.vat_lek:.2f}".replace(".", ",")

    @admin.display(description=_("contract"))
    def contract_link(self, entry: BillEntry) -> SafeString | str:
        return link(entry.contract)

    @admin.display(description=_("charges"))
    def charges(self, entry: BillEntry) -> SafeString:
        return list_link(Charge, str(_("All charges of this entry")), entry=entry.pk)


@admin.register(Charge)
class ChargeAdmin(ReadOnlyAdmin):
    list_display = ("reference", "month_shown", "amount", "state", "contract")
    list_select_related = ("contract",)
    list_filter = ("state", "month")
    filters_by_id = ("contract", "entry")
    ordering = ("-pk",)
    fields = (
        "reference", "text", "amount", "state", "contract_link", "entry_link", "evidence",
        "month_shown", "accepted_at", "spent_after", "limit_then",
    )  # fmt: skip

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("contract", "entry")

    @admin.display(description=_("month"))
    def month_shown(self, charge: Charge) -> str:
        return month_label(charge.month)

    @admin.display(description=_("amount"))
    def amount(self, charge: Charge) -> str:
        return lek(charge.amount_lek)

    @admin.display(description=_("contract"))
    def contract_link(self, charge: Charge) -> SafeString | str:
        return link(charge.contract)

    @admin.display(description=_("bill entry"))
    def entry_link(self, charge: Charge) -> SafeString | str:
        return link(charge.entry)

    @admin.display(description=_("what it is for"))
    def evidence(self, charge: Charge) -> SafeString | str:
        """The record of whichever product posted the charge; billing knows none of them."""
        posted_by = [
            name
            for related in Charge._meta.related_objects
            if related.one_to_one and (name := related.get_accessor_name())
        ]
        found = (getattr(charge, name, None) for name in posted_by)
        return link(next((record for record in found if record), None))
