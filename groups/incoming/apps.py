from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from groups.incoming import for_staff


class IncomingConfig(AppConfig):
    name = "groups.incoming"
    label = "incoming"
    verbose_name = _("files that come in")

    def ready(self) -> None:
        for_staff.register()
