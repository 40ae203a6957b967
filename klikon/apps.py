from django.apps import AppConfig


class KlikonConfig(AppConfig):
    name = "klikon"
    verbose_name = "Klik-ON"

    def ready(self) -> None:
        # They register.
        from klikon.demonstration import checks  # noqa: F401, PLC0415
        from klikon.ivr import checks as ivr_checks  # noqa: F401, PLC0415
