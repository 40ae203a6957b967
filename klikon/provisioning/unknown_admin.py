"""The register of callbacks for unknown orders, and the act that closes one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from klikon.provisioning import decisions
from klikon.provisioning.answers import Failure, Word
from klikon.provisioning.models import UnknownCallback
from superfamilja.accounts.site.act_page import ActPage
from superfamilja.clock import portal_clock
from superfamilja.values import phone
from superfamilja.web.read_only import ReadOnlyAdmin

CLOSE = "provisioning.decide_order"
_STATES = {word.value: word.label for word in (Word.DONE, Word.FAILED, Word.PENDING)}
WHAT_TO_DO = _(
    "We have no order of this reference. Ask the charging system who got which package and when, "
    "and look for the member by that number. It happens after a restore, and when the other side "
    "mixes customers up. Write down here what you found."
)


class LookedInto(admin.SimpleListFilter):
    """Filter: those that wait, or those that somebody has closed."""

    title = _("looked into")
    parameter_name = "looked_into"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", str(_("for a person"))), ("yes", str(_("looked into")))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UnknownCallback]
    ) -> QuerySet[UnknownCallback]:
        if self.value() not in {"no", "yes"}:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "no")


@admin.register(UnknownCallback)
class UnknownCallbackAdmin(ReadOnlyAdmin):
    list_display = ("reference_said", "received_at", "said", "package", "masked", "closed_at")
    list_filter = (LookedInto,)
    list_select_related = ("closed_by",)
    ordering = ("-received_at",)
    fields = (
        "reference_said",
        "what_to_do",
        "received_at",
        "said",
        "package",
        "number",
        "message_id",
        "closed_at",
        "closed_by",
        "closed_reason",
    )
    change_form_template = "admin/provisioning/order.html"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        kept = self.get_object(request, object_id)
        open_to = kept is not None and kept.closed_at is None and request.user.has_perm(CLOSE)
        acts = [(reverse("close_callback", args=[object_id]), _("Looked into"))] if open_to else []
        context = {**(extra_context or {}), "order_acts": acts}
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("reference"), ordering="reference")
    def reference_said(self, kept: UnknownCallback) -> str:
        return str(kept)

    @admin.display(description=_("what to do"))
    def what_to_do(self, kept: UnknownCallback) -> str:
        return "—" if kept.closed_at else str(WHAT_TO_DO)

    @admin.display(description=_("what it said"))
    def said(self, kept: UnknownCallback) -> str:
        return said_in_words(kept)

    @admin.display(description=_("mobile number"))
    def masked(self, kept: UnknownCallback) -> str:
        return phone.masked(kept.msisdn) if kept.msisdn else "—"

    @admin.display(description=_("mobile number"))
    def number(self, kept: UnknownCallback) -> str:
        """Return the whole number on its own page, because staff look the customer up by it."""
        try:
            return phone.spoken(phone.parse_msisdn(kept.msisdn))
        except phone.UnreadableNumberError:
            return kept.msisdn or "—"


def said_in_words(kept: UnknownCallback) -> str:
    """Return state and reason, in words where they have some."""
    state = str(_STATES.get(kept.state, kept.state))
    code = str(Failure(kept.code).label) if kept.code in Failure.values else kept.code
    return " · ".join(part for part in (state, code) if part) or "—"


class CloseCallback(ActPage):
    """Close a callback after examining it, with what was found."""

    permission_required = (CLOSE, "provisioning.view_unknowncallback")
    title = _("Looked into")
    button = _("Yes, it is looked into")
    consequence = _("It leaves the list of those that wait. It charges and gives back nothing.")
    done = _("The callback is looked into.")
    kept: UnknownCallback

    def load(self, pk: int) -> None:
        self.kept = get_object_or_404(UnknownCallback, pk=pk)

    def back(self) -> tuple[str, str | Promise]:
        address = reverse("admin:provisioning_unknowncallback_change", args=[self.kept.pk])
        return address, _("Back to the callback")

    def subject(self) -> list[tuple[str | Promise, Any]]:
        return [
            (_("Reference"), str(self.kept)),
            (_("Received"), f"{localtime(self.kept.received_at):%d.%m.%Y %H:%M:%S}"),
            (_("What it said"), said_in_words(self.kept)),
            (_("Package"), self.kept.package or "—"),
        ]

    def require(self, cleaned: dict[str, Any]) -> None:
        decisions.require_open_callback(self.kept)

    def perform(self, cleaned: dict[str, Any]) -> UnknownCallback:
        return decisions.close_callback(
            kept=self.kept, actor=self.actor, at=portal_clock.now(), reason=cleaned["reason"]
        )
