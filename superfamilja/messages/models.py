"""Store SMS: their facts once, and their delivery as it goes."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from superfamilja.messages import templates
from superfamilja.messages.parts import Delivery, Receipt, SubmittedPart
from superfamilja.values import phone

__all__ = [
    "Delivery",
    "Language",
    "Need",
    "OutgoingMessage",
    "Receipt",
    "State",
    "SubmittedPart",
]


class Language(models.TextChoices):
    SQ = "sq", _("Albanian")
    EN = "en", _("English")


class State(models.TextChoices):
    """What became of it on our side. UNKNOWN: it may have left, nobody answered, and it may not be
    sent twice (ADR 0029)."""

    QUEUED = "queued", _("waiting")
    SENT = "sent", _("handed over")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("unknown: no answer")


class Need(models.IntegerChoices):
    """Who goes first when much waits."""

    FIRST = 0, _("codes and stops")
    SOON = 1, _("receipts of money")
    REST = 2, _("other messages")


class OnlyTextAndNumbers(Func):
    """Condition: a JSON object whose values are strings and numbers, nothing nested."""

    template = (
        "(jsonb_typeof(%(expressions)s) = 'object' AND NOT jsonb_path_exists(%(expressions)s, "
        """'strict $.* ? (@.type() != "string" && @.type() != "number")', '{}', true))"""
    )
    output_field = models.BooleanField()


class OutgoingMessageQuerySet(models.QuerySet["OutgoingMessage"]):
    """Messages in the field's words; the sums written ↔ handed over ↔ receipts come from here."""

    def waiting(self, at: datetime) -> Self:
        """Messages that may be sent now."""
        return self.filter(state=State.QUEUED, next_attempt_at__lte=at)

    def handed_over(self) -> Self:
        """Messages that the gateway took over whole."""
        return self.filter(state=State.SENT)

    def never_answered(self) -> Self:
        """Messages that may have left and may not be sent twice: a person decides."""
        return self.filter(state=State.UNKNOWN)

    def without_receipt(self, before: datetime) -> Self:
        """Messages that were handed over before that moment; nobody said what became of them."""
        return self.handed_over().filter(
            delivery="", sent_at__lt=before, submitted_parts__isnull=False
        )

    def not_delivered(self) -> Self:
        """Messages of which a receipt says that they did not arrive."""
        return self.filter(delivery__in=[Delivery.EXPIRED, Delivery.REJECTED, Delivery.UNKNOWN])


class OutgoingMessage(models.Model):
    """An SMS to one number (R23). Its facts never change; its words are fixed at the first attempt.

    `next_attempt_at` is when delivery may take it next: not before `due_at`. While a delivery works
    on it, it is the moment after which that delivery counts as dead.
    """

    # The key at the gateway (R36). None for old messages, which the gateway knows by their row's
    # id.
    gateway_key = models.UUIDField(null=True, editable=False, db_default=RandomUUID())
    recipient = models.CharField(_("mobile number"), max_length=16)
    template = models.CharField(_("message"), max_length=60)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    parameters = models.JSONField(_("facts"), default=dict)
    why = models.CharField(_("caused by"), max_length=40)
    about = models.CharField(_("reference"), max_length=40, blank=True)
    contract_number = models.CharField(_("contract"), max_length=40, blank=True)
    written_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField(_("not before"))
    expires_at = models.DateTimeField(_("not after"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    text = models.TextField(_("text"), null=True, blank=True)
    segments = models.PositiveSmallIntegerField(_("parts"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    last_error = models.CharField(_("last error"), max_length=60, blank=True)
    need = models.PositiveSmallIntegerField(
        _("order of need"), choices=Need, default=Need.REST, db_default=Need.REST
    )
    # What the receipts of all its parts say together; empty: nothing yet.
    delivery = models.CharField(
        _("delivery"), max_length=10, choices=Delivery, blank=True, default="", db_default=""
    )

    objects = OutgoingMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("SMS message")
        verbose_name_plural = _("SMS messages")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["gateway_key"], name="message_gateway_key_once"),
            # R23: each number gets the same fact once, whatever roles it has.
            models.UniqueConstraint(
                fields=["about", "why", "recipient"],
                condition=~Q(about=""),
                name="message_a_fact_a_number_once",
            ),
            models.CheckConstraint(
                condition=Q(recipient__regex=rf"^\+355{phone.MOBILE_SHAPE}$"),
                name="message_recipient_e164",
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="message_language_known"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_known"),
            models.CheckConstraint(
                condition=Q(OnlyTextAndNumbers(F("parameters"))), name="message_plain_facts"
            ),
            models.CheckConstraint(
                condition=Q(due_at__gte=F("written_at")) & Q(next_attempt_at__gte=F("due_at")),
                name="message_not_before_it_is_due",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("due_at")),
                name="message_expires_after_it_is_due",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="sent", text__isnull=False, sent_at__isnull=False)
                    | ~Q(state="sent") & Q(sent_at=None)
                ),
                name="message_sent_with_its_text",
            ),
            models.CheckConstraint(
                condition=Q(delivery__in=["", *Delivery.values]), name="message_delivery_known"
            ),
            models.CheckConstraint(condition=Q(need__in=Need.values), name="message_need_known"),
        ]
        indexes = [
            models.Index(fields=["contract_number", "-written_at"], name="message_of_contract"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state="queued"), name="message_waiting"
            ),
            models.Index(
                fields=["need", "next_attempt_at", "id"],
                condition=Q(state="queued"),
                name="message_by_need",
            ),
            models.Index(
                fields=["sent_at"],
                condition=Q(state="sent", delivery=""),
                name="message_without_receipt",
            ),
            models.Index(
                fields=["id"], condition=Q(state="unknown"), name="message_never_answered"
            ),
        ]

    @property
    def message_id(self) -> str:
        """Return the key at the gateway; no two messages ever share one."""
        return str(self.gateway_key or self.pk)

    @property
    def standing(self) -> str:
        """What became of it, for people: by its receipts where there are any."""
        return str(self.get_delivery_display() if self.delivery else self.get_state_display())

    @property
    def is_open(self) -> bool:
        """Whether nobody can say yet that it left."""
        return self.state in (State.QUEUED, State.UNKNOWN) and not self.delivery

    @property
    def is_lost(self) -> bool:
        """Whether its reader has not got it, as far as anybody knows."""
        ended_badly = self.delivery not in ("", Delivery.DELIVERED)
        return ended_badly or (self.state == State.FAILED and not self.delivery)

    @property
    def words(self) -> str:
        """Return the words as they were sent, or as they would be sent now; empty when impossible.

        Secret words are shown in a demonstration only.
        """
        if templates.is_secret(self.template) and not settings.DEMONSTRATION:
            return "•••"
        if self.text is not None:
            return self.text
        try:
            return templates.render(self.template, self.language, self.parameters)
        except templates.Unsayable:
            return ""

    def __str__(self) -> str:
        return f"{self.template} {phone.masked(self.recipient)}"
