"""The register of acts: who did what, when, to which contract and why."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from superfamilja.audit.models import Act
from superfamilja.audit.verbs import spoken_verb
from superfamilja.read_only import ReadOnlyAdmin


@admin.register(Act)
class ActAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_name", "done", "contract_number", "reason")
    list_filter = ("verb",)
    filters_by_id = ("actor",)
    ordering = ("-pk",)
    fields = ("at", "actor_name", "done", "contract_number", "reason", "details")

    @admin.display(description=_("act"))
    def done(self, act: Act) -> str:
        return spoken_verb(act.verb)
