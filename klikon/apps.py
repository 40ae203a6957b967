from django.apps import AppConfig

from klikon import for_staff


class KlikonConfig(AppConfig):
    name = "klikon"
    verbose_name = "Klik-ON"

    def ready(self) -> None:
        from klikon.demonstration import checks  # noqa: F401, PLC0415 - they register

        for_staff.register()
