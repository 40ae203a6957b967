from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from klikon.provisioning import for_staff


class ProvisioningConfig(AppConfig):
    name = "klikon.provisioning"
    label = "provisioning"
    verbose_name = _("provisioning")

    def ready(self) -> None:
        from klikon.provisioning import checks  # noqa: F401, PLC0415 - they register

        for_staff.register()
