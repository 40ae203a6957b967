"""Show the register of messages: what was sent to whom, when, and with what result."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from superfamilja.messages import templates
from superfamilja.messages.models import OutgoingMessage
from superfamilja.values import phone
from superfamilja.web.read_only import ReadOnlyAdmin


class MessageFilter(admin.SimpleListFilter):
    """Filter by kind of message; the kinds come from the files, not from millions of rows."""

    title = _("message")
    parameter_name = "message"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, templates.title(name)) for name in sorted(templates.every())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(template=self.value()) if self.value() else queryset


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(ReadOnlyAdmin):
    list_display = ("written_at", "number", "called", "state", "sent_at", "contract_number")
    list_filter = ("state", MessageFilter)
    filters_by_id = ("contract_number",)
    ordering = ("-pk",)
    fields = (
        "number_shown",
        "called",
        "language",
        "words_shown",
        "segments",
        "why",
        "about",
        "contract_number",
        "written_at",
        "due_at",
        "expires_at",
        "state",
        "sent_at",
        "attempts",
        "next_attempt_at",
        "last_error",
    )

    @admin.display(description=_("message"))
    def called(self, message: OutgoingMessage) -> str:
        return templates.title(message.template)

    @admin.display(description=_("mobile number"))
    def number(self, message: OutgoingMessage) -> str:
        return phone.masked(message.recipient)

    @admin.display(description=_("mobile number"))
    def number_shown(self, message: OutgoingMessage) -> str:
        return phone.spoken(message.recipient)

    @admin.display(description=_("text"))
    def words_shown(self, message: OutgoingMessage) -> str:
        return message.words or str(_("The text cannot be shown."))
