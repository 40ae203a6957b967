from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from klikon.desk import for_staff


class DeskConfig(AppConfig):
    name = "klikon.desk"
    label = "desk"
    verbose_name = _("store desk")

    def ready(self) -> None:
        for_staff.register()
