from django.apps import AppConfig


class KlikonConfig(AppConfig):
    name = "klikon"
    verbose_name = "Klik-ON"
