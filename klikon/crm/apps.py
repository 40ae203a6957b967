from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from klikon.crm import for_staff


class CrmConfig(AppConfig):
    name = "klikon.crm"
    label = "crm"
    verbose_name = _("events of the CRM")

    def ready(self) -> None:
        for_staff.register()
