"""Store what was ordered from the charging system for each activation, and every answer."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klikon.models import Activation
from klikon.provisioning.answers import Failure, Mismatch, Ordered, Word
from superfamilja.accounts.models import User


class OrderState(models.TextChoices):
    ORDERED = "ordered", _("on its way")
    UNKNOWN = "unknown", _("no answer yet")
    PERSON = "person", _("for a person")
    DONE = "done", _("delivered")
    FAILED = "failed", _("not possible")


ENDED = {OrderState.DONE, OrderState.FAILED}


class OrderQuerySet(models.QuerySet["Order"]):
    def due(self, at: datetime) -> Self:
        """Return orders with something to do by that moment, the longest waiting first."""
        return self.filter(next_at__lte=at).order_by("next_at", "pk")

    def for_a_person(self) -> Self:
        return self.filter(state=OrderState.PERSON)


class Order(models.Model):
    """The order of one activation's package: one state, in step with the charge (R29).

    `next_at` is when something is due: sending, asking, or, during an attempt, the moment after
    which the attempt counts as dead. None means that it is finished or waits for a person.
    `attempt` is the fence: an answer counts only for its own attempt. `maybe_sent` means that an
    attempt may have arrived, so the order is asked about before it is sent again. `mismatched`
    means that an answer was about something else (R36); from then on only a person decides.
    """

    # Linked by its reference, which exists before the activation's row: one round trip less.
    activation = models.OneToOneField(
        Activation,
        models.PROTECT,
        related_name="order",
        to_field="reference",
        db_column="reference",
        verbose_name=_("reference"),
    )
    state = models.CharField(_("state"), max_length=10, choices=OrderState)
    ordered_at = models.DateTimeField(_("ordered at"))
    next_at = models.DateTimeField(_("next step at"), null=True, blank=True)
    attempt = models.PositiveIntegerField(_("attempts"), default=0)
    maybe_sent = models.BooleanField(_("may have arrived there"), default=False)
    tries = models.PositiveIntegerField(_("told to come later"), default=0)
    asks = models.PositiveSmallIntegerField(_("asked without an answer"), default=0)
    forgotten = models.PositiveSmallIntegerField(_("forgotten there"), default=0)
    silent_since = models.DateTimeField(_("silent since"), null=True, blank=True)
    mismatched = models.BooleanField(
        _("answered for something else"), default=False, db_default=False
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        default_permissions = ("view",)
        permissions = [("decide_order", "Can decide on an order that waits for a person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OrderState.values), name="order_state_known"
            ),
            # An order in progress always has a next step, so that none waits forever.
            models.CheckConstraint(
                condition=Q(state__in=["ordered", "unknown"], next_at__isnull=False)
                | Q(state="person", next_at=None)
                | Q(state__in=["done", "failed"]),
                name="order_waits_for_a_moment_or_a_person",
            ),
            # R36: it neither settles nor reverses by itself.
            models.CheckConstraint(
                condition=Q(mismatched=False) | Q(state="person"),
                name="order_mismatched_is_for_a_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(next_at__isnull=False), name="order_next_step"
            ),
            models.Index(fields=["state"], condition=Q(state="person"), name="order_for_a_person"),
        ]

    @property
    def reference(self) -> str:
        """Return the key on the other side: the activation's reference."""
        return self.activation_id

    @property
    def ordered(self) -> Ordered:
        """Return what was ordered; an answer counts only if it is about this (R36)."""
        activation = self.activation
        return Ordered(self.reference, activation.member.msisdn, activation.package_code)

    def __str__(self) -> str:
        return self.reference


class EventKind(models.TextChoices):
    SENT = "sent", _("sent")
    ASKED = "asked", _("asked for")
    ANSWER = "answer", _("answer")
    CALLBACK = "callback", _("told by itself")
    STALE = "stale", _("answer of an attempt that was given up; not counted")
    ACT = "act", _("decided by a person")
    STOPPED = "stopped", _("not sent: its charge was reversed before")


class Decision(models.TextChoices):
    MARK_DONE = "mark_done", _("mark as delivered")
    REVERSE = "reverse", _("reverse")
    ASK_AGAIN = "ask_again", _("ask again")


class OrderEvent(models.Model):
    """An event of an order, written once; all of them are its history.

    `word` is what the charging system answered, or what a person decided; `code` says why. When it
    was no outcome of this order, `mismatch` says so, and `said_…` what it was about (R36).
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="events")
    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=10, choices=EventKind)
    attempt = models.PositiveIntegerField(_("attempt"))
    word = models.CharField(
        _("answer"), max_length=15, blank=True, choices=[*Word.choices, *Decision.choices]
    )
    code = models.CharField(_("code"), max_length=40, blank=True)
    mismatch = models.CharField(
        _("not counted because"), max_length=10, blank=True, choices=Mismatch, db_default=""
    )
    said_reference = models.CharField(_("said reference"), max_length=60, blank=True, db_default="")
    said_msisdn = models.CharField(_("said number"), max_length=60, blank=True, db_default="")
    said_package = models.CharField(_("said package"), max_length=60, blank=True, db_default="")
    became = models.CharField(_("state after it"), max_length=10, choices=OrderState)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    message_id = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("step of an order")
        verbose_name_plural = _("steps of orders")
        default_permissions = ("view",)
        ordering = ("pk",)
        constraints = [
            # The same callback, sent twice, is stored once.
            models.UniqueConstraint(
                fields=["message_id"], condition=~Q(message_id=""), name="order_event_callback_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values), name="order_event_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind="act") | (Q(actor__isnull=False) & ~Q(reason="")),
                name="order_event_person_says_why",
            ),
        ]

    @property
    def why(self) -> str:
        """Return the code in words, if it has some."""
        return str(Failure(self.code).label) if self.code in Failure.values else self.code

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind} {self.word}"


class Line(models.Model):
    """Whether the charging system works, as every process sees it: one row (the breaker).

    At `open_until` one attempt may probe it; None means that it works.
    """

    failures = models.PositiveIntegerField(_("troubles in a row"), default=0)
    down_since = models.DateTimeField(_("down since"), null=True, blank=True)
    open_until = models.DateTimeField(_("tried again at"), null=True, blank=True)

    class Meta:
        verbose_name = _("line to the charging system")
        verbose_name_plural = _("line to the charging system")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="line_is_one"),
            models.CheckConstraint(
                condition=Q(down_since=None, open_until=None)
                | Q(down_since__isnull=False, open_until__isnull=False),
                name="line_down_is_tried_again",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.failures}"


class UnknownCallbackQuerySet(models.QuerySet["UnknownCallback"]):
    def waiting(self) -> Self:
        """Return those that nobody has closed yet."""
        return self.filter(closed_at=None)


class UnknownCallback(models.Model):
    """A callback of the charging system for an order that we do not have (R36).

    Stored as it was written, once a message. A person who has examined it closes it.
    """

    received_at = models.DateTimeField(_("when"))
    message_id = models.CharField(_("message"), max_length=100)
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    msisdn = models.CharField(_("mobile number"), max_length=60, blank=True)
    package = models.CharField(_("package"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=60, blank=True)
    code = models.CharField(_("code"), max_length=60, blank=True)
    closed_at = models.DateTimeField(_("looked into"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    closed_reason = models.TextField(_("what was found"), null=True, blank=True)

    objects = UnknownCallbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("callback for an unknown order")
        verbose_name_plural = _("callbacks for unknown orders")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="unknown_callback_once"),
            models.CheckConstraint(condition=~Q(message_id=""), name="unknown_callback_has_an_id"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_reason=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, closed_reason__gt=""),
                name="unknown_callback_closed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], name="unknown_callback_received"),
            models.Index(
                fields=["closed_at"], condition=Q(closed_at=None), name="unknown_callback_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.reference or "—"
