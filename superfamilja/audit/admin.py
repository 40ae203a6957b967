"""Show the register of acts: who did what, when, to which contract and why."""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from superfamilja.audit.models import Act
from superfamilja.audit.verbs import SPOKEN, spoken_verb
from superfamilja.web.read_only import ReadOnlyAdmin, filter_by


@admin.register(Act)
class ActAdmin(ReadOnlyAdmin):
    list_display = ("at", "who", "done", "contract_number", "reason")
    list_filter = (filter_by("verb", _("act"), SPOKEN.items()),)
    filters_by_id = ("actor",)
    ordering = ("-pk",)
    fields = ("at", "who", "done", "contract_number", "reason", "details")

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, act: Act) -> str:
        return act.actor_name if act.actor_id else gettext("the system")

    @admin.display(description=_("act"))
    def done(self, act: Act) -> str:
        return spoken_verb(act.verb)
