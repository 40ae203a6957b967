"""By how much a demonstration's clock runs ahead of the database's (R37)."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ClockShift(models.Model):
    """One step forward of the portal's clock. The clock runs ahead by the sum of all steps.

    Rows are written once. A database with an epoch of production refuses them, because there
    nobody may move the time at which an order or a month counts.
    """

    ahead_by = models.DurationField(_("forward by"))
    reason = models.CharField(_("reason"), max_length=200)
    shifted_at = models.DateTimeField(_("shifted at"))  # by the database's own clock

    class Meta:
        verbose_name = _("step of the clock")
        verbose_name_plural = _("steps of the clock")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(ahead_by__gt=timedelta(0)), name="clock_shift_forward"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="clock_shift_has_reason"),
        ]

    def __str__(self) -> str:
        return f"+{self.ahead_by}"
