from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClockConfig(AppConfig):
    name = "superfamilja.clock"
    label = "clock"
    verbose_name = _("the portal's clock")

    def ready(self) -> None:
        from superfamilja.clock import checks  # noqa: F401, PLC0415 - it registers
