"""What a payer says about a charge: that they know it, a question, a complaint; and the answers."""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models.money import Charge, Credit, Reversal
from groups.models import Contract
from superfamilja.accounts.models import User
from superfamilja.values.months import local_date
from superfamilja.values.random_keys import numbered

ANSWERED_WITHIN = timedelta(days=15)


class Recognition(models.Model):
    """The payer knows this charge. One row a charge."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", db_index=False)
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="recognition")
    recognised_at = models.DateTimeField(_("recognised at"))
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("recognition")
        verbose_name_plural = _("recognitions")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.charge_id}"


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def standing(self) -> Self:
        """Return open questions, first those that wait for an answer, the longest wait first."""
        return self.filter(closed_at=None).order_by(
            F("waiting_since").asc(nulls_last=True), "opened_at", "pk"
        )


class Dispute(models.Model):
    """A question about a charge (sqarim), and since `complained_at` a complaint (ankesë).

    `waiting_since` is the moment of the payer's oldest message without an answer; the clock runs
    from it. None means answered or closed.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="disputes", db_index=False)
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="disputes")
    opened_at = models.DateTimeField(_("opened at"))
    taken_down_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken down by"),
    )
    complained_at = models.DateTimeField(_("a complaint since"), null=True, blank=True)
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_reason = models.CharField(_("why it was closed"), max_length=500, null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("question or complaint")
        verbose_name_plural = _("questions and complaints")
        default_permissions = ("view",)
        permissions = [
            ("take_down_question", "Can take down a payer's question or complaint"),
            ("answer_question", "Can answer and close questions and complaints"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["charge"], condition=Q(closed_at=None), name="dispute_one_open_a_charge"
            ),
            models.CheckConstraint(
                condition=Q(complained_at=None) | Q(complained_at__gte=F("opened_at")),
                name="dispute_complaint_after_its_question",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_reason=None)
                | Q(
                    closed_at__isnull=False,
                    closed_reason__isnull=False,
                    closed_at__gte=F("opened_at"),
                    waiting_since=None,
                ),
                name="dispute_closed_waits_no_more",
            ),
        ]
        indexes = [
            models.Index(fields=["contract", "-opened_at"], name="dispute_of_contract"),
            models.Index(
                fields=["waiting_since"], condition=Q(closed_at=None), name="dispute_standing"
            ),
        ]

    @property
    def reference(self) -> str:
        """Return the reference that the payer gets and quotes: SQ-7QX-4PW-R2AR."""
        return numbered("SQ", self.pk)

    @property
    def is_complaint(self) -> bool:
        return self.complained_at is not None

    @property
    def kind(self) -> str | Promise:
        return _("complaint") if self.is_complaint else _("question")

    @property
    def due_on(self) -> date | None:
        """Return the last day for the answer; None when it is answered or closed."""
        return local_date(self.waiting_since) + ANSWERED_WITHIN if self.waiting_since else None

    def is_overdue(self, today: date) -> bool:
        return self.due_on is not None and today > self.due_on

    def __str__(self) -> str:
        return self.reference


class Said(models.TextChoices):
    QUESTION = "question", _("question")
    COMPLAINT = "complaint", _("complaint")
    ANSWER = "answer", _("answer")


class DisputeMessage(models.Model):
    """One message of the conversation, written once.

    `author` is the member of staff who answered, or who took the payer's words down. An answer may
    name the credit or the reversal that was given.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", db_index=False)
    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="conversation")
    said = models.CharField(max_length=10, choices=Said)
    said_at = models.DateTimeField(_("said at"))
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(_("text"))
    key = models.CharField(max_length=100)
    credit = models.ForeignKey(Credit, models.PROTECT, null=True, blank=True, related_name="+")
    reversal = models.ForeignKey(Reversal, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["contract", "key"], name="dispute_message_key_once"),
            models.CheckConstraint(
                condition=Q(said__in=Said.values), name="dispute_message_said_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="dispute_message_says_something"),
            models.CheckConstraint(
                condition=Q(said="answer", author__isnull=False)
                | (~Q(said="answer") & Q(credit=None, reversal=None)),
                name="dispute_message_answered_by_staff",
            ),
            models.CheckConstraint(
                condition=Q(credit=None) | Q(reversal=None), name="dispute_message_one_correction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.said}"
