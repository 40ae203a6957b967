from django.apps import AppConfig


class KlikonConfig(AppConfig):
    name = "klikon"
    verbose_name = "Klik-ON"

    def ready(self) -> None:
        from klikon.demonstration import checks  # noqa: F401, PLC0415 - they register
