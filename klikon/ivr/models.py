"""Store calls to 130, one row a call, and the language that a number chose."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import Contract
from klikon.ivr.dialogue.outcomes import CallOutcome
from superfamilja.values.months import TIRANE


class Adapter(models.TextChoices):
    """The way in."""

    SIP = "sip", _("embedded SIP")
    FASTAGI = "fastagi", _("carrier's Asterisk")
    HANDSET = "handset", _("phone on the page")


class CallEnd(models.TextChoices):
    """Who ended the call."""

    FINISHED = "finished", _("to the end")
    HUNG_UP = "hung_up", _("hung up")
    FAILED = "failed", _("our failure")


class PhoneCall(models.Model):
    """A call to 130: from when to when, through which places, and its outcome.

    `path` holds names of places and never a key, so that no PIN is stored. `left_at` is the last of
    them; drop-off is counted by it. The row is written when the call begins and once more when it
    ends. Without an end the call goes on, or its process was killed.
    """

    adapter = models.CharField(_("way in"), max_length=10, choices=Adapter)
    call_id = models.CharField(max_length=64)
    caller = models.CharField(_("calls from"), max_length=16, blank=True)
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="phone_calls", db_index=False
    )
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=2, default="sq")
    path = ArrayField(models.CharField(max_length=20), verbose_name=_("path"), default=list)
    left_at = models.CharField(_("left at"), max_length=20, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=CallOutcome, default=CallOutcome.INFORMED
    )
    refusal = models.CharField(_("refusal"), max_length=40, blank=True)
    end = models.CharField(_("how it ended"), max_length=10, choices=CallEnd, blank=True)

    class Meta:
        verbose_name = _("call to 130")
        verbose_name_plural = _("calls to 130")
        db_table = "klikon_phonecall"  # its name before ivr became an app
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["adapter", "call_id"], name="phone_call_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="")
                | (Q(ended_at__gte=F("began_at"), end__in=CallEnd.values)),
                name="phone_call_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=CallOutcome.values), name="phone_call_outcome_known"
            ),
        ]
        indexes = [
            models.Index(fields=["contract", "-began_at"], name="phone_call_of_contract"),
            models.Index(fields=["-began_at"], name="phone_call_newest"),
        ]

    @property
    def seconds(self) -> int | None:
        return round((self.ended_at - self.began_at).total_seconds()) if self.ended_at else None

    def __str__(self) -> str:
        return f"{self.began_at.astimezone(TIRANE):%d.%m.%Y %H:%M}"


class CallerLanguage(models.Model):
    """The language that this number chose by key, for its next call."""

    msisdn = models.CharField(_("mobile number"), max_length=16, unique=True)
    language = models.CharField(_("language"), max_length=2)

    class Meta:
        verbose_name = _("language of a caller")
        verbose_name_plural = _("languages of callers")
        db_table = "klikon_callerlanguage"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(language__in=["sq", "en"]), name="caller_language_known"
            )
        ]

    def __str__(self) -> str:
        return self.language
