"""“Ask me first” (R28): the amount that the payer sets, and the requests that wait for them."""

from datetime import date, datetime, time
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import Contract, Group, Membership
from klikon.models.centre import Activation, Channel, Package, RefusedActivation
from klikon.models.leadership import LeaderAssignment, LeaderFreeze
from superfamilja.accounts.models import User
from superfamilja.values.months import TIRANE


class AskAbove(models.Model):
    """Above this price the payer is asked first; 0 means for every activation.

    Append-only (R28).
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="ask_above")
    above_lek = models.PositiveIntegerField(_("asked first above, Lek"))
    set_at = models.DateTimeField(_("set at"))
    set_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("“ask me first”")
        verbose_name_plural = _("“ask me first”")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["group"], condition=Q(ended_at=None), name="ask_above_one_a_group"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("set_at")),
                name="ask_above_ends_after_it_was_set",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.above_lek}"


class Outcome(models.TextChoices):
    """How a waiting request ended."""

    APPROVED = "approved", _("approved by the Fixed Leader")
    DECLINED = "declined", _("declined")
    REFUSED = "refused", _("approved, then refused by a rule")
    EXPIRED = "expired", _("not answered in time")
    CANCELLED = "cancelled", _("cancelled")


def _moment(at: datetime | None, day: date | None) -> datetime | None:
    """Return the moment of its end; for rows with only a day, the first moment of that day."""
    return at or (datetime.combine(day, time.min, TIRANE) if day else None)


class WaitingRequestQuerySet(models.QuerySet["WaitingRequest"]):
    def waiting(self, at: datetime) -> Self:
        """Return requests that the payer can still decide.

        They have no outcome, are in time, and were not cancelled by a change of leader, a stop, a
        member who left or a group that closed.
        """
        stopped = LeaderFreeze.objects.filter(
            assignment=models.OuterRef("assignment"), pk__gt=models.OuterRef("last_stop_id")
        )
        return self.filter(
            ~models.Exists(stopped),
            outcome=None,
            expires_at__gt=at,
            assignment__ended_at=None,
            leader__left_on=None,
            member__left_on=None,
            group__closed_on=None,
        )


class WaitingRequest(models.Model):
    """A requested activation that waits for the payer: nothing is reserved or charged (R28).

    It keeps the price of the moment when it was asked. The payer's yes checks every rule anew.
    Whether it still waits is computed (`waiting`); `outcome` stores the decision, once.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", db_index=False)
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", db_index=False)
    assignment = models.ForeignKey(LeaderAssignment, models.PROTECT, related_name="+")
    leader = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_index=False)
    package = models.ForeignKey(Package, models.PROTECT, related_name="+", db_index=False)
    list_price_lek = models.PositiveIntegerField(_("price in the shop, Lek"))
    charged_lek = models.PositiveIntegerField(_("would be charged, Lek"))
    above_lek = models.PositiveIntegerField(_("asked first above, Lek"))
    # The leader's newest stop at that moment. A newer id means a later stop, whatever the
    # timestamps say, and cancels the request.
    last_stop_id = models.BigIntegerField(default=0)
    repeat_confirmed = models.BooleanField(_("asked again and confirmed"), default=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    client = models.CharField(max_length=60)
    key = models.CharField(max_length=100)
    content_hash = models.CharField(max_length=64)
    asked_at = models.DateTimeField(_("asked for at"))
    expires_at = models.DateTimeField(_("waits until"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    activation = models.OneToOneField(
        Activation, models.PROTECT, null=True, blank=True, related_name="waited_as"
    )
    refusal = models.OneToOneField(
        RefusedActivation, models.PROTECT, null=True, blank=True, related_name="waited_as"
    )

    objects = WaitingRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for the Fixed Leader")
        verbose_name_plural = _("requests for the Fixed Leader")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="waiting_key_once"),
            models.CheckConstraint(
                condition=Q(outcome=None, ended_at=None)
                | Q(outcome__isnull=False, outcome__in=Outcome.values, ended_at__isnull=False),
                name="waiting_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=False, outcome="approved", activation__isnull=False)
                | (Q(activation=None) & (Q(outcome=None) | ~Q(outcome="approved"))),
                name="waiting_approved_by_its_activation",
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=False, outcome="refused", refusal__isnull=False)
                | (Q(refusal=None) & (Q(outcome=None) | ~Q(outcome="refused"))),
                name="waiting_refused_by_its_refusal",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="waiting_waits_a_while"
            ),
            models.CheckConstraint(
                condition=Q(charged_lek__gt=F("above_lek")), name="waiting_above_the_amount"
            ),
        ]
        indexes = [
            models.Index(fields=["contract", "-asked_at"], name="waiting_of_contract"),
            models.Index(
                fields=["expires_at"], condition=Q(outcome=None), name="waiting_undecided"
            ),
        ]

    @property
    def reference(self) -> str:
        """Return the fact that its messages are about: W-2231.

        No person or other system uses it.
        """
        return f"W-{self.pk}"

    def state(self, at: datetime) -> Outcome | None:
        """Return how it has ended by that moment; None while it waits.

        Time decides, recorded or not. The deadline comes first, because nothing after it cancels
        the request.
        """
        if self.outcome is not None:
            return Outcome(self.outcome)
        if self._cancelled():
            return Outcome.CANCELLED
        return Outcome.EXPIRED if at >= self.expires_at else None

    def _cancelled(self) -> bool:
        """Return whether its conditions had changed before its deadline (R28, R4)."""
        until = self.expires_at
        ends = (
            self.assignment.ended_at,
            _moment(self.leader.left_at, self.leader.left_on),
            _moment(self.member.left_at, self.member.left_on),
            _moment(self.group.closed_at, self.group.closed_on),
        )
        stops = self.assignment.freezes.filter(pk__gt=self.last_stop_id, frozen_at__lt=until)
        return any(end is not None and end < until for end in ends) or stops.exists()

    def __str__(self) -> str:
        return self.reference
