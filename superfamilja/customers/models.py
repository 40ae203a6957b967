"""Store numbers that sign in, and the codes sent to them. They have no password, name or role.

Each request asks anew what a number may see (superfamilja/customers/people.py).
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from superfamilja.values import phone

CODE_LIVES = timedelta(minutes=10)
TRIES = 3


class Account(models.Model):
    """A mobile number (E.164) that has signed in. Increasing `sign_outs` ends its sessions."""

    msisdn = models.CharField(_("mobile number"), max_length=16)
    made_at = models.DateTimeField(_("first signed in"))
    sign_outs = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("family account")
        verbose_name_plural = _("family accounts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["msisdn"], name="account_one_a_number"),
            models.CheckConstraint(
                condition=Q(msisdn__regex=rf"^\+355{phone.MOBILE_SHAPE}$"),
                name="account_msisdn_e164",
            ),
        ]

    def __str__(self) -> str:
        return phone.masked(self.msisdn)

    @classmethod
    def end_sessions(cls, msisdn: str) -> None:
        """End every session of this number at its next click."""
        cls.objects.filter(msisdn=msisdn).update(sign_outs=F("sign_outs") + 1)


class OneTimeCode(models.Model):
    """A code of six digits for one act, kept as its digest only.

    `about` says what exactly the code confirms; it is worth nothing for another act. `is_sent` is
    false when the number is not on file: the page looks the same, and no SMS leaves.
    `known_browser` says that the browser signed in with this number before. Other browsers count
    separately, so that strangers cannot use up the owner's codes; codes read out `at_a_counter`
    count separately, too. `address` is a digest of the asker's address.
    """

    msisdn = models.CharField(max_length=16)
    purpose = models.CharField(max_length=20)
    about = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    is_sent = models.BooleanField()
    known_browser = models.BooleanField()
    at_a_counter = models.BooleanField(default=False, db_default=False)
    address = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=TRIES), name="code_three_tries"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(used_at__lt=F("expires_at")),
                name="code_used_before_it_expired",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(is_sent=True), name="code_used_was_sent"
            ),
            models.CheckConstraint(
                condition=Q(at_a_counter=False) | Q(known_browser=False),
                name="code_at_a_counter_is_of_no_browser",
            ),
        ]
        indexes = [
            models.Index(fields=["msisdn", "-made_at"]),
            models.Index(fields=["address", "-made_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {phone.masked(self.msisdn)}"

    def is_over(self, at: datetime) -> bool:
        """Return whether the code is used, too old, or tried too often."""
        return self.used_at is not None or at >= self.expires_at or self.tries >= TRIES
