from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from groups import for_staff


class GroupsConfig(AppConfig):
    name = "groups"
    verbose_name = _("SuperFamilja groups")

    def ready(self) -> None:
        for_staff.register()
