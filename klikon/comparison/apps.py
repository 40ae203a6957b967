from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from klikon.comparison import for_staff


class ComparisonConfig(AppConfig):
    name = "klikon.comparison"
    label = "comparison"
    verbose_name = _("comparison after a restore")

    def ready(self) -> None:
        for_staff.register()
