"""Who signs in, and in which shop. Customers come with the portal for families."""

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.request_models import (
    AccountAct,
    AccountNotice,
    AccountRequest,
    RequestOutcome,
)
from superfamilja.values import phone

__all__ = [
    "AccountAct",
    "AccountNotice",
    "AccountRequest",
    "RequestOutcome",
    "SessionEnd",
    "Store",
    "StoreSession",
    "User",
]

_NOT_IN_THE_HISTORY = [
    "password",
    "last_login",
    "sign_outs",
    "temporary_password_until",
    "held_until",
    "told_at",
]


@pghistory.track()
class Store(models.Model):
    """A shop of the operator. Its code never changes; a shut one stays for the history."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    # The city: it stands on the Declaration.
    place = models.CharField(_("place"), max_length=60, blank=True)
    is_active = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code=Upper("code")) & ~Q(code=""), name="store_code_is_in_capitals"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


@pghistory.track(exclude=_NOT_IN_THE_HISTORY)
class User(AbstractUser):
    """A person who signs in. Their roles say what they may do; no flag does."""

    # The shops of a person with a role of roles.IN_A_STORE; empty for everybody else.
    stores = models.ManyToManyField(Store, related_name="staff", blank=True)
    # Increased to end every session of this person at once.
    sign_outs = models.PositiveIntegerField(default=0, editable=False)
    # When set, an administrator gave the password: it expires then, and must be changed before use.
    temporary_password_until = models.DateTimeField(null=True, blank=True, editable=False)
    # The person's own mobile. SMS about the account go there, and nobody else has the same one.
    mobile = models.CharField(_("mobile number"), max_length=16, blank=True)
    # Until then the account may not approve, credit or administer (R35).
    held_until = models.DateTimeField(null=True, blank=True, editable=False)
    # When administrators last changed the account; set until its owner has seen that (notices.py).
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            # Always false, because a superuser would pass every check that needs two people.
            models.CheckConstraint(condition=Q(is_superuser=False), name="staff_no_superuser"),
            models.CheckConstraint(
                condition=Q(mobile="") | Q(mobile__regex=rf"^\+355{phone.MOBILE_SHAPE}$"),
                name="staff_mobile_e164",
            ),
            models.UniqueConstraint(
                fields=["mobile"], condition=~Q(mobile=""), name="staff_mobile_of_one_person"
            ),
        ]

    @property
    def shown_name(self) -> str:
        """Return the name that histories show."""
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django compares this hash with the session at every request.
        return salted_hmac(
            "superfamilja.accounts.session",
            f"{self.password}:{self.sign_outs}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class SessionEnd(models.TextChoices):
    """How a person's time in a shop ended."""

    SIGNED_OUT = "signed_out", _("signed out")
    TIME_UP = "time_up", _("the time was up")
    CHANGED_STORE = "changed_store", _("went to another shop")
    ADMINISTRATOR = "administrator", _("ended by an administrator")
    STORE_SHUT = "store_shut", _("the shop was shut")


class StoreSession(models.Model):
    """A person's time at work in a shop: from the sign-in there until the end, if it is known."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="store_sessions")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="sessions")
    # The session of the portal that it belongs to.
    signed_in_at = models.DateTimeField()
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=20, choices=SessionEnd, null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["store", "began_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "signed_in_at"],
                condition=Q(ended_at=None),
                name="one_store_at_a_time_for_each_sign_in",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, how=None) | Q(ended_at__isnull=False, how__isnull=False),
                name="an_ended_store_session_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.store_id} {self.began_at:%Y-%m-%d %H:%M}"
