from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from superfamilja.audit import verbs


class SuperfamiljaConfig(AppConfig):
    name = "superfamilja"
    verbose_name = "SuperFamilja"

    def ready(self) -> None:
        from superfamilja.uploads import checks  # noqa: F401, PLC0415 - they register

        verbs.register({"normalise_texts": _("Stored texts cleaned of letters that are not seen")})
