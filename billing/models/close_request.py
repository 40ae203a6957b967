"""A request of the portal to close a month; the worker carries it out (ADR 0010)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.models.money import first_of_month
from superfamilja.accounts.models import User


class CloseRequest(models.Model):
    """A request to close a month: who asked, why, which figures they saw, and how it ended.

    `key` makes a second sending of the page the same request (R21). `refusal` is the refusal in
    each language; without one the month was closed, and the month's row has the details.
    """

    key = models.CharField(max_length=64, unique=True)
    month = models.DateField(_("month"))
    expected = models.JSONField(_("figures"))
    reason = models.CharField(_("reason"), max_length=500)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    refusal = models.JSONField(_("refusal"), null=True, blank=True)

    class Meta:
        verbose_name = _("request to close a month")
        verbose_name_plural = _("requests to close a month")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["month"], condition=Q(ended_at=None), name="close_asked_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(refusal=None) | Q(ended_at__isnull=False),
                name="close_refused_when_ended",
            ),
            first_of_month("close_request_month_is_first_day"),
        ]
        indexes = [models.Index(fields=["month", "-asked_at"])]

    @property
    def refused_in_words(self) -> str:
        """Return the refusal in the current language; empty when there was none."""
        if not self.refusal:
            return ""
        words: str = self.refusal.get(get_language()) or self.refusal["en"]
        return words

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
