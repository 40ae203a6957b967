"""A number that signs in, and the codes that were sent to it. No password, no name, no role.

What a number may see is asked anew at each request (superfamilja/customers/people.py).
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from superfamilja.values import phone

CODE_LIVES = timedelta(minutes=10)
TRIES = 3


class Account(models.Model):
    """One mobile number (E.164) that has signed in. `sign_outs` counted up ends its sessions."""

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
        """Every session of this number ends with its next click."""
        cls.objects.filter(msisdn=msisdn).update(sign_outs=F("sign_outs") + 1)


class OneTimeCode(models.Model):
    """Six digits for one act, of which only the digest is kept.

    `about` is what exactly they confirm: a code for one act is worth nothing for another.
    `is_sent` is false where the number is not on file: the page is the same, and no SMS leaves.
    `known_browser`: the browser had signed in with this number before; strangers have a quota of
    their own, so that they cannot use up the owner's, and so have codes that are read out
    `at_a_counter`. `address` is a digest of the asker's.
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
        """Used, too old, or tried too often."""
        return self.used_at is not None or at >= self.expires_at or self.tries >= TRIES
