from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts import for_staff


def _apply_roles(**_kwargs: Any) -> None:
    from superfamilja.accounts import roles  # noqa: PLC0415 - models are ready only now

    roles.apply_roles(global_apps)


class AccountsConfig(AppConfig):
    name = "superfamilja.accounts"
    label = "accounts"
    verbose_name = _("Staff")

    def ready(self) -> None:
        from superfamilja.accounts import checks  # noqa: F401, PLC0415 - they register
        from superfamilja.accounts.sign_in import gate  # noqa: F401, PLC0415 - they register

        for_staff.register()

        # Each app's own post_migrate makes its permissions; the last app's handler runs last.
        last = [app for app in global_apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(_apply_roles, sender=last, dispatch_uid="accounts.roles")
