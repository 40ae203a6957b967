"""Requests of one administrator that another confirms, and notices to the account's owner (R35)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _


class AccountAct(models.TextChoices):
    """What administrators do to an account."""

    CREATE = "create", _("New member of staff")
    ENABLE = "enable", _("Let in again")
    ROLE = "role", _("Change the role")
    MOVE = "move", _("Move to other shops")
    CONTACT = "contact", _("Change the mobile number")
    PASSWORD = "password", _("Give a temporary password")
    SECOND_FACTOR = "second-factor", _("Forget the lost second factor")


class RequestOutcome(models.TextChoices):
    """How a request ended."""

    CONFIRMED = "confirmed", _("confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")


class AccountRequestQuerySet(models.QuerySet["AccountRequest"]):
    def standing(self, at: datetime) -> "AccountRequestQuerySet":
        """Return the requests that another administrator may still confirm."""
        return self.filter(outcome=None, expires_at__gt=at)


class AccountRequest(models.Model):
    """A request of one administrator; nothing happens to the account until another one confirms."""

    act = models.CharField(_("act"), max_length=20, choices=AccountAct)
    # The account; for a new one, set when the account is made.
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="requests_about_them",
    )
    what = models.JSONField(default=dict)
    # Role, shops and state of the account at the time of asking; a changed account needs a new
    # request.
    before = models.JSONField(default=dict)
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="account_requests"
    )
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("until"))
    # The half of a temporary password shown to the asking person; emptied when the request ends.
    sealed_half = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=RequestOutcome, null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="account_requests_ended",
    )

    objects = AccountRequestQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(subject=F("asked_by")), name="account_request_about_another"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="confirmed")
                | Q(ended_by__isnull=False, subject__isnull=False, ended_at__lt=F("expires_at"))
                & ~Q(ended_by=F("asked_by"))
                & ~Q(ended_by=F("subject")),
                name="account_request_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(outcome=None, ended_at=None, ended_by=None)
                | Q(outcome="expired", ended_at__isnull=False, ended_by=None, sealed_half="")
                | Q(
                    outcome__in=["confirmed", "withdrawn", "declined"],
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                    sealed_half="",
                ),
                name="account_request_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")) & ~Q(reason=""),
                name="account_request_says_why",
            ),
            models.UniqueConstraint(
                fields=["subject", "act"],
                condition=Q(outcome=None),
                name="account_request_once",
            ),
            models.UniqueConstraint(
                Upper(KT("what__username")),
                condition=Q(outcome=None, act="create"),
                name="account_request_username_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.person} ({self.username})"

    @property
    def username(self) -> str:
        return self.subject.username if self.subject else str(self.what.get("username", ""))

    @property
    def person(self) -> str:
        """Return the name of the account's owner."""
        return self.subject.shown_name if self.subject else str(self.what.get("name", ""))


class AccountNotice(models.Model):
    """A notice that the owner of an account reads at the next sign-in."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="account_notices"
    )
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    # Who asked, who confirmed and why, with the names of that moment.
    asked_by = models.CharField(max_length=150)
    confirmed_by = models.CharField(max_length=150, blank=True)
    reason = models.TextField(blank=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["user", "-at"], name="account_notice_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.verb} {self.at:%Y-%m-%d %H:%M}"
