"""The register of calls to 130: their outcomes, and where callers leave."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from klikon.ivr.dialogue.outcomes import CallOutcome
from klikon.ivr.models import PhoneCall
from klikon.ivr.words import PLACES, REFUSALS
from superfamilja.values import phone
from superfamilja.web.read_only import ReadOnlyAdmin, filter_by, shown


@admin.register(PhoneCall)
class PhoneCallAdmin(ReadOnlyAdmin):
    list_display = (
        "began_at",
        "calls_from",
        "outcome",
        "refused",
        "left",
        "end",
        "duration",
        "adapter",
        "contract_link",
    )
    list_filter = (
        filter_by("outcome", _("outcome"), CallOutcome.choices),
        filter_by("refusal", _("refusal"), list(REFUSALS.items())),
        filter_by("left_at", _("left at"), list(PLACES.items())),
        "end",
        "adapter",
    )
    list_select_related = ("contract",)
    filters_by_id = ("contract",)
    ordering = ("-began_at",)
    fields = (
        "began_at",
        "duration",
        "calls_from",
        "contract_link",
        "way",
        "outcome",
        "refused",
        "end",
        "language",
        "adapter",
    )
    contract_link = shown("contract", _("contract"))

    @admin.display(description=_("refusal"), ordering="refusal")
    def refused(self, call: PhoneCall) -> str:
        return str(REFUSALS.get(call.refusal, call.refusal or "—"))

    @admin.display(description=_("left at"), ordering="left_at")
    def left(self, call: PhoneCall) -> str:
        return str(PLACES.get(call.left_at, "—"))

    @admin.display(description=_("duration"))
    def duration(self, call: PhoneCall) -> str:
        if call.seconds is None:
            return gettext("still on the line")
        return gettext("%(seconds)s s") % {"seconds": call.seconds}

    @admin.display(description=_("calls from"))
    def calls_from(self, call: PhoneCall) -> str:
        return phone.masked(call.caller) if call.caller else gettext("hidden number")

    @admin.display(description=_("path"))
    def way(self, call: PhoneCall) -> str:
        return " → ".join(str(PLACES.get(name, name)) for name in call.path) or "—"

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("contract")
