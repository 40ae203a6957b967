"""Acts: who did what, when, to which contract and why. Written once, never edited."""

from django.conf import settings
from django.db import models


class Act(models.Model):
    """One act of staff, or of the system (no actor), in the transaction that did it."""

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="acts"
    )
    actor_name = models.CharField(max_length=150)
    verb = models.CharField(max_length=60)
    contract_number = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["contract_number", "-at"]),
            models.Index(fields=["-at"]),
        ]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.verb}"
