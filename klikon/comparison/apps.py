from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from billing.reconciliation import kinds as registry
from klikon.comparison import for_staff


class ComparisonConfig(AppConfig):
    name = "klikon.comparison"
    label = "comparison"
    verbose_name = _("comparison after a restore")

    def ready(self) -> None:
        for_staff.register()
        # Its SQL names models, which are known from here on.
        from klikon.comparison import kinds  # noqa: PLC0415

        registry.register(kinds.COMPARISONS)
