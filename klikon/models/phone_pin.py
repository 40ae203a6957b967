"""The PIN of the phone channel: its hash, its wrong tries, and whether it is locked."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from klikon.models.leadership import LeaderAssignment
from superfamilja.accounts.models import User

WRONG_AT_MOST = 3


class PhonePin(models.Model):
    """A PIN of one leadership; a new one ends the one before. Its digits are not stored."""

    assignment = models.ForeignKey(LeaderAssignment, models.PROTECT, related_name="phone_pins")
    pin_hash = models.CharField(max_length=200, editable=False)
    set_at = models.DateTimeField(_("set at"))
    set_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    wrong_tries = models.PositiveSmallIntegerField(_("wrong tries"), default=0, db_default=0)
    locked_at = models.DateTimeField(_("locked since"), null=True, blank=True)

    class Meta:
        verbose_name = _("PIN of the phone channel")
        verbose_name_plural = _("PINs of the phone channel")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(ended_at=None), name="phone_pin_one_a_leader"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("set_at")),
                name="phone_pin_ends_after_it_was_set",
            ),
            models.CheckConstraint(
                condition=Q(pin_hash__regex=r"^[a-z0-9_]+\$.+\$.{20,}$"),
                name="phone_pin_is_a_salted_hash",
            ),
            models.CheckConstraint(
                condition=Q(locked_at=None, wrong_tries__lt=WRONG_AT_MOST)
                | Q(locked_at__isnull=False, wrong_tries=WRONG_AT_MOST),
                name="phone_pin_locked_after_three",
            ),
        ]

    def __str__(self) -> str:
        return f"P-{self.pk}"
