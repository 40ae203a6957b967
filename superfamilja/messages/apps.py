from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "superfamilja.messages"
    label = "outbox"
    verbose_name = _("messages")

    def ready(self) -> None:
        from superfamilja.messages import checks  # noqa: F401, PLC0415 - they register
