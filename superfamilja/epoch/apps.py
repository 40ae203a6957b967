from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from superfamilja.audit import verbs


class EpochConfig(AppConfig):
    name = "superfamilja.epoch"
    label = "epoch"
    verbose_name = _("after a restore")

    def ready(self) -> None:
        from superfamilja.epoch import checks, standing  # noqa: F401, PLC0415 - they register

        connection_created.connect(standing.look_at_a_new_connection, dispatch_uid="epoch")
        post_migrate.connect(standing.look_again, dispatch_uid="epoch")
        verbs.register(
            {"halt_database": _("Restored database noticed: nothing is sold, told or billed")}
        )
