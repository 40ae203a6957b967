"""What the fixed billing system answered to our files, and the months that are settled by it."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.money import BillEntry, first_of_month
from billing.models.month import IssuedFile
from superfamilja.accounts.models import User
from superfamilja.values.months import month_label


class AnswerState(models.TextChoices):
    TAKEN = "taken", _("taken")
    REFUSED = "refused", _("kept for a person")


class LineResult(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")


class BillingAnswerQuerySet(models.QuerySet["BillingAnswer"]):
    def taken(self) -> Self:
        """Those that count."""
        return self.filter(state=AnswerState.TAKEN)

    def waiting(self) -> Self:
        """Those that do not count, and that nobody has looked into."""
        return self.filter(state=AnswerState.REFUSED, closed_at=None)


class BillingAnswer(models.Model):
    """One answer of fixed billing, whole as it came, once by its SHA-256.

    Taken: each line stands in AnsweredLine, and its sums here, in Lek. Otherwise nothing of it
    counts, and `problems` says why: [{"problem", "line", "what"}], the first hundred of `found`.
    """

    name = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    content = models.BinaryField()
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("received by")
    )
    state = models.CharField(_("state"), max_length=10, choices=AnswerState)
    file = models.ForeignKey(
        IssuedFile, models.PROTECT, null=True, blank=True, related_name="answers"
    )
    accepted = models.PositiveIntegerField(_("accepted lines"), default=0)
    accepted_lek = models.BigIntegerField(_("accepted, Lek"), default=0)
    rejected = models.PositiveIntegerField(_("rejected lines"), default=0)
    rejected_lek = models.BigIntegerField(_("rejected, Lek"), default=0)
    problems = models.JSONField(_("problems"), default=list, blank=True)
    found = models.PositiveIntegerField(_("problems found"), default=0)
    closed_at = models.DateTimeField(_("looked into"), null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_reason = models.CharField(_("what was found"), max_length=500, null=True, blank=True)

    objects = BillingAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer of fixed billing")
        verbose_name_plural = _("answers of fixed billing")
        default_permissions = ("view",)
        permissions = [("take_answer", "Can take answers of fixed billing")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=AnswerState.TAKEN, file__isnull=False, found=0, closed_at=None)
                | Q(state=AnswerState.REFUSED, accepted=0, rejected=0, found__gt=0),
                name="answer_taken_without_a_problem",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_reason=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, closed_reason__gt=""),
                name="answer_looked_into_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at"], name="answer_received"),
            models.Index(
                fields=["received_at"],
                condition=Q(state="refused", closed_at=None),
                name="answer_waiting",
            ),
        ]

    @property
    def waits(self) -> bool:
        """Whether a person has to look into it."""
        return self.state == AnswerState.REFUSED and self.closed_at is None

    def __str__(self) -> str:
        return self.name


class AnsweredLine(models.Model):
    """What became of one line of an issued file: once for each line. Written once."""

    file = models.ForeignKey(IssuedFile, models.PROTECT, related_name="+", db_index=False)
    entry = models.ForeignKey(BillEntry, models.PROTECT, related_name="answered")
    answer = models.ForeignKey(BillingAnswer, models.PROTECT, related_name="lines", db_index=False)
    result = models.CharField(_("answer"), max_length=10, choices=LineResult)
    amount_lek = models.IntegerField(_("amount, Lek"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("answered line")
        verbose_name_plural = _("answered lines")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["file", "entry"], name="line_answered_once"),
            models.CheckConstraint(
                condition=Q(result=LineResult.ACCEPTED, reason="")
                | Q(result=LineResult.REJECTED) & ~Q(reason=""),
                name="line_rejected_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["answer"], condition=Q(result="rejected"), name="line_rejected_in_answer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.result}"


class Settlement(models.Model):
    """A month whose accepted lines are what was issued, and what its entries come to. Written once.

    Lines and Lek: all that went out (one that was sent again counts again), what was rejected of
    it, what was accepted, and what the month's entries come to. A trigger counts the lines itself.
    """

    month = models.DateField(_("month"), primary_key=True)
    settled_at = models.DateTimeField(_("settled"))
    issued = models.PositiveIntegerField(_("issued lines"))
    issued_lek = models.BigIntegerField(_("issued, Lek"))
    rejected = models.PositiveIntegerField(_("rejected lines"))
    rejected_lek = models.BigIntegerField(_("rejected, Lek"))
    accepted = models.PositiveIntegerField(_("accepted lines"))
    accepted_lek = models.BigIntegerField(_("accepted, Lek"))
    billed = models.PositiveIntegerField(_("entries with a bill"))
    billed_lek = models.BigIntegerField(_("on the bills, Lek"))

    class Meta:
        verbose_name = _("settled month")
        verbose_name_plural = _("settled months")
        default_permissions = ()
        constraints = [
            first_of_month("settlement_month_is_first_day"),
            models.CheckConstraint(
                condition=Q(issued=F("accepted") + F("rejected"), billed=F("accepted")),
                name="settlement_lines_are_even",
            ),
            models.CheckConstraint(
                condition=Q(
                    issued_lek=F("accepted_lek") + F("rejected_lek"),
                    billed_lek=F("accepted_lek"),
                ),
                name="settlement_sums_are_even",
            ),
        ]

    def __str__(self) -> str:
        month: date = self.month
        return month_label(month)
