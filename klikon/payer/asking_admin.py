"""Registers of “ask me first” (R28): the amounts, and the requests that waited."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from klikon.models import AskAbove, Outcome, WaitingRequest
from superfamilja.values.lek import lek
from superfamilja.web.read_only import ReadOnlyAdmin, filter_by, link, shown


@admin.register(AskAbove)
class AskAboveAdmin(ReadOnlyAdmin):
    """The prices above which payers are asked first, past ones included."""

    list_display = ("contract_shown", "above", "set_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("group__contract",)
    filters_by_id = ("group",)
    ordering = ("-pk",)
    fields = ("contract_link", "above", "set_at", "staff", "ended_at")
    staff = shown("set_by", _("member of staff"))

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("group__contract", "set_by")

    @admin.display(description=_("contract"))
    def contract_shown(self, asked: AskAbove) -> str:
        return asked.group.contract.number

    @admin.display(description=_("contract"))
    def contract_link(self, asked: AskAbove) -> SafeString | str:
        return link(asked.group.contract)

    @admin.display(description=_("asked first above"), ordering="above_lek")
    def above(self, asked: AskAbove) -> str:
        return lek(asked.above_lek)


@admin.register(WaitingRequest)
class WaitingRequestAdmin(ReadOnlyAdmin):
    """Every request that waited for its payer, with its outcome."""

    list_display = ("reference", "asked_at", "package", "charged", "channel", "ended", "contract")
    list_filter = (filter_by("outcome", _("outcome"), Outcome.choices), "channel")
    list_select_related = ("contract", "package")
    filters_by_id = ("contract",)
    ordering = ("-asked_at",)
    fields = (
        "reference",
        "contract_link",
        "leader_link",
        "member_link",
        "package_link",
        "charged",
        "above",
        "channel",
        "staff",
        "reason",
        "asked_at",
        "expires_at",
        "ended",
        "ended_at",
        "decided_link",
        "activation_link",
        "refusal_link",
    )
    contract_link = shown("contract", _("contract"))
    leader_link = shown("leader", _("Mobile Leader"))
    member_link = shown("member", _("member"))
    package_link = shown("package", _("package"))
    staff = shown("actor", _("member of staff"))
    decided_link = shown("decided_by", _("decided by"))
    activation_link = shown("activation", _("activation"))
    refusal_link = shown("refusal", _("refusal"))

    def get_queryset(self, request: Any) -> Any:
        together = ("contract", "leader", "member", "package", "actor", "activation", "refusal")
        return super().get_queryset(request).select_related(*together, "decided_by")

    @admin.display(description=_("would be charged"), ordering="charged_lek")
    def charged(self, waiting: WaitingRequest) -> str:
        return lek(waiting.charged_lek)

    @admin.display(description=_("asked first above"))
    def above(self, waiting: WaitingRequest) -> str:
        return lek(waiting.above_lek)

    @admin.display(description=_("outcome"), ordering="outcome")
    def ended(self, waiting: WaitingRequest) -> str:
        return waiting.get_outcome_display() or gettext("undecided")
