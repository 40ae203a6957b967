from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComparisonConfig(AppConfig):
    name = "klikon.comparison"
    label = "comparison"
    verbose_name = _("comparison after a restore")
