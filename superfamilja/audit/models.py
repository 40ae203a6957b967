"""Store acts: who did what, when, to which contract and why. Rows are never edited."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _


class Act(models.Model):
    """One act of staff, or of the system (no actor), in the transaction of its fact."""

    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="acts"
    )
    actor_name = models.CharField(_("who"), max_length=150)
    verb = models.CharField(_("act"), max_length=60)
    contract_number = models.CharField(_("contract"), max_length=40, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        indexes = [
            models.Index(fields=["contract_number", "-at"]),
            models.Index(fields=["-at"]),
            # An index for the few acts on a month as a whole.
            models.Index(
                KT("details__month"),
                F("id").desc(),
                name="act_of_a_month",
                condition=Q(details__has_key="month"),
            ),
        ]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.verb}"
