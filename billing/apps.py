from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from billing import for_staff


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        for_staff.register()
        # Its SQL names models, which are known from here on.
        from billing.reconciliation import books, kinds  # noqa: PLC0415

        kinds.register(books.COMPARISONS)
