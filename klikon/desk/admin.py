"""Registers of the desk for those who supervise it: requests and day ends of every shop."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from klikon.desk.acts import ACTS, title_of
from klikon.desk.models import DayEnd, Draft, DraftState
from superfamilja.web.read_only import ReadOnlyAdmin, filter_by, shown


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """Requests: what was asked for where, who served it, and how it ended."""

    list_display = (
        "opened_at",
        "request_title",
        "contract_shown",
        "state",
        "store_shown",
        "opened",
        "done",
        "done_at",
    )
    list_filter = (
        filter_by("act", _("request"), [(name, act.title) for name, act in ACTS.items()]),
        filter_by("state", _("state"), DraftState.choices),
        "store",
    )
    list_select_related = ("contract", "store", "opened_by", "done_by")
    filters_by_id = ("contract",)
    ordering = ("-opened_at",)
    fields = (
        "page",
        "request_title",
        "contract_link",
        "state",
        "store_shown",
        "opened_at",
        "opened",
        "sent_at",
        "sent",
        "done_at",
        "done",
    )
    contract_link = shown("contract", _("contract"))
    store_shown = shown("store", _("shop"))

    def get_queryset(self, request: Any) -> Any:
        people = ("opened_by", "sent_by", "done_by")
        return super().get_queryset(request).select_related("contract", "store", *people)

    @admin.display(description=_("page of the request"))
    def page(self, draft: Draft) -> SafeString:
        address = reverse("draft", args=[draft.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Open the request"))

    @admin.display(description=_("request"), ordering="act")
    def request_title(self, draft: Draft) -> str:
        return title_of(draft.act)

    @admin.display(description=_("contract"))
    def contract_shown(self, draft: Draft) -> str:
        return draft.contract.number

    @admin.display(description=_("opened by"))
    def opened(self, draft: Draft) -> str:
        return draft.opened_by.shown_name

    @admin.display(description=_("sent by"))
    def sent(self, draft: Draft) -> str:
        return draft.sent_by.shown_name if draft.sent_by else "—"

    @admin.display(description=_("done by"))
    def done(self, draft: Draft) -> str:
        return draft.done_by.shown_name if draft.done_by else "—"


@admin.register(DayEnd)
class DayEndAdmin(ReadOnlyAdmin):
    """Day ends of every shop, as their managers signed them."""

    list_display = (
        "day",
        "store_shown",
        "printed",
        "signed",
        "scanned",
        "filed",
        "note",
        "closed",
        "closed_at",
    )
    list_filter = ("store",)
    list_select_related = ("store", "closed_by")
    ordering = ("-day", "store__code")
    fields = list_display
    store_shown = shown("store", _("shop"))

    @admin.display(description=_("closed by"))
    def closed(self, end: DayEnd) -> str:
        return end.closed_by.shown_name
