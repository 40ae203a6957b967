from django.apps import AppConfig


class SuperfamiljaConfig(AppConfig):
    name = "superfamilja"
    verbose_name = "SuperFamilja"

    def ready(self) -> None:
        from superfamilja.uploads import checks  # noqa: F401, PLC0415 - they register
