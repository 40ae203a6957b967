"""Show the register of messages: what was sent to whom, when, and with what result."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from superfamilja.messages import templates
from superfamilja.messages.ledger import book
from superfamilja.messages.models import OutgoingMessage, SubmittedPart
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


def _part(row: SubmittedPart) -> str:
    answer = gettext("no answer")
    if row.status is not None:
        taken, refused = gettext("taken over"), gettext("refused (%(status)s)")
        answer = taken if row.status == book.OK else refused % {"status": f"{row.status:#x}"}
    said = [f"{_when(r.received_at)} {r.said}" for r in row.receipts.all()]
    return " · ".join([f"{row.part}/{row.parts}", _when(row.submitted_at), answer, *said])


def _when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "d.m.Y H:i:s")


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(ReadOnlyAdmin):
    list_display = ("written_at", "number", "called", "standing", "sent_at", "contract_number")
    list_filter = ("state", "delivery", MessageFilter)
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
        "delivery_shown",
        "ways",
        "need",
        "attempts",
        "next_attempt_at",
        "last_error",
    )

    @admin.display(description=_("message"))
    def called(self, message: OutgoingMessage) -> str:
        return templates.title(message.template)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, message: OutgoingMessage) -> str:
        return message.standing

    @admin.display(description=_("delivery"))
    def delivery_shown(self, message: OutgoingMessage) -> str:
        return str(message.get_delivery_display() or _("no receipt yet"))

    @admin.display(description=_("parts on their way"))
    def ways(self, message: OutgoingMessage) -> SafeString:
        """Each part that left: when, what was answered, and what its receipts said."""
        rows = (
            message.submitted_parts.order_by("pk").prefetch_related("receipts")
            if message.pk
            else SubmittedPart.objects.none()
        )
        return format_html_join(mark_safe("<br>"), "{}", ((_part(row),) for row in rows))

    @admin.display(description=_("mobile number"))
    def number(self, message: OutgoingMessage) -> str:
        return phone.masked(message.recipient)

    @admin.display(description=_("mobile number"))
    def number_shown(self, message: OutgoingMessage) -> str:
        return phone.spoken(message.recipient)

    @admin.display(description=_("text"))
    def words_shown(self, message: OutgoingMessage) -> str:
        return message.words or str(_("The text cannot be shown."))
