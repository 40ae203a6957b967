from django.apps import AppConfig

from klikon.ivr import for_staff


class IvrConfig(AppConfig):
    name = "klikon.ivr"
    label = "ivr"
    verbose_name = "130"

    def ready(self) -> None:
        from klikon.ivr import checks  # noqa: F401, PLC0415 - they register

        for_staff.register()
