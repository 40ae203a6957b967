from django.apps import AppConfig


class SuperfamiljaConfig(AppConfig):
    name = "superfamilja"
    verbose_name = "SuperFamilja"
