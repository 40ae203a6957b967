"""The register of orders: each with everything that a person needs to decide, on one page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from klikon.provisioning.answers import Mismatch
from klikon.provisioning.decisions import OPEN_TO_PEOPLE
from klikon.provisioning.models import Order, OrderEvent
from klikon.provisioning.unknown_admin import UnknownCallbackAdmin
from superfamilja.values import phone
from superfamilja.values.lek import lek
from superfamilja.values.months import month_label
from superfamilja.web.read_only import ReadOnlyAdmin, link, shown

__all__ = ["OrderAdmin", "UnknownCallbackAdmin"]

_ACTS: list[tuple[str, str | Promise]] = [
    ("mark_order_done", _("Mark as delivered")),
    ("reverse_order", _("Reverse the order")),
    ("ask_order_again", _("Ask again")),
]


WHAT_TO_DO = _(
    "Nothing is settled or reversed by itself. Ask the charging system what this member has, then "
    "mark the order as delivered, reverse it, or ask again."
)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("reference", "ordered_at", "state", "attempt", "next_at", "activation_link")
    list_select_related = ("activation",)
    list_filter = ("state",)
    filters_by_id = ("activation",)
    ordering = ("-pk",)
    fields = (
        "reference",
        "state",
        "answered_for",
        "activation_link",
        "contract_link",
        "charge_link",
        "for_whom",
        "package",
        "charged",
        "ordered_at",
        "next_at",
        "attempt",
        "tries",
        "asks",
        "forgotten",
        "silent_since",
        "history",
    )
    change_form_template = "admin/provisioning/order.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .select_related(
                "activation__contract",
                "activation__member",
                "activation__package",
                "activation__charge",
            )
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        acts = _acts_on(order, request) if order else []
        context = {**(extra_context or {}), "order_acts": acts}
        return super().change_view(request, object_id, form_url, context)

    reference = shown("reference", _("reference"), sortable=False)

    @admin.display(description=_("activation"))
    def activation_link(self, order: Order) -> SafeString | str:
        return link(order.activation)

    @admin.display(description=_("contract"))
    def contract_link(self, order: Order) -> SafeString | str:
        return link(order.activation.contract)

    @admin.display(description=_("charge"))
    def charge_link(self, order: Order) -> SafeString | str:
        charge = order.activation.charge
        return link(charge, f"{charge.reference}: {charge.get_state_display()}")

    @admin.display(description=_("member"))
    def for_whom(self, order: Order) -> str:
        member = order.activation.member
        return f"{member.name}, {phone.spoken(member.msisdn)}"

    @admin.display(description=_("package"))
    def package(self, order: Order) -> str:
        return order.activation.package.name

    @admin.display(description=_("not about this order"))
    def answered_for(self, order: Order) -> str:
        """Return the first thing to know when an answer was about something else (R36)."""
        if not order.mismatched:
            return "—"
        last = order.events.exclude(mismatch="").last()
        return f"{capfirst(_about(last))} {WHAT_TO_DO}" if last else "—"

    @admin.display(description=_("charged"))
    def charged(self, order: Order) -> str:
        return f"{lek(order.activation.charged_lek)}, {month_label(order.activation.month)}"

    @admin.display(description=_("what happened"))
    def history(self, order: Order) -> SafeString:
        events = order.events.select_related("actor")
        return format_html_join("", "<div>{} · {}</div>", [_line(event) for event in events])


def _line(event: OrderEvent) -> tuple[str, str]:
    """Return when, and what: «12.11.2026 14:05:10 · 2. answer: delivered»."""
    said = " · ".join(
        str(part)
        for part in (
            event.get_word_display(),
            event.why,
            event.mismatch and _about(event),
            event.actor and event.actor.shown_name,
            event.reason,
        )
        if part
    )
    what = f"{event.attempt}. {event.get_kind_display()}"
    return f"{localtime(event.at):%d.%m.%Y %H:%M:%S}", f"{what}: {said}" if said else what


def _about(event: OrderEvent) -> str:
    """Return what the answer was about, the number masked, because it may be anybody's."""
    if event.mismatch == Mismatch.BARE:
        return f"{Mismatch.BARE.label}."
    reference = event.said_reference
    said = [
        (_("reference"), reference if reference != event.order.reference else ""),
        (_("number"), event.said_msisdn and phone.masked(event.said_msisdn)),
        (_("package"), event.said_package),
    ]
    listed = ", ".join(f"{name} {what}" for name, what in said if what)
    return f"{Mismatch.OTHER.label}: {listed}."


def _acts_on(order: Order, request: HttpRequest) -> list[tuple[str, str | Promise]]:
    """Return address and name of what this person may decide now."""
    if order.state not in OPEN_TO_PEOPLE or not request.user.has_perm("provisioning.decide_order"):
        return []
    return [(reverse(name, args=[order.pk]), title) for name, title in _ACTS]
