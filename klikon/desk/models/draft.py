"""A customer's request at a counter, from its first key to its end."""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import Contract
from klikon.models import Declaration
from superfamilja.accounts.models import Store, User
from superfamilja.values.shop_day import bounds_of, day_of


class DraftState(models.TextChoices):
    OPEN = "open", _("open")
    WAITING = "waiting", _("waits for the manager")
    DONE = "done", _("done")
    DISCARDED = "discarded", _("discarded")


class DraftQuerySet(models.QuerySet["Draft"]):
    def of(self, store: Store) -> Self:
        """Return what this shop may see and change: its own."""
        return self.filter(store=store)

    def standing(self) -> Self:
        """Return the requests that have not ended."""
        return self.filter(state__in=[DraftState.OPEN, DraftState.WAITING])

    def of_a_kind(self, contract: Contract, act: str, store: Store) -> Self:
        """Return the one that is open in this shop, if any."""
        return self.of(store).standing().filter(contract=contract, act=act)

    def came_back_to(self, user: User) -> Self:
        """Return requests sent back by the manager that this person had served.

        Serving means opening, typing, printing or scanning; it stays their task, whoever changed it
        last.
        """
        served = (
            Q(opened_by=user)
            | Q(handled_by=user)
            | Q(papers__made_by=user)
            | Q(papers__scans__scanned_by=user)
        )
        came_back = self.filter(state=DraftState.OPEN).exclude(returned_because="")
        return came_back.filter(served).distinct()

    def without_scan(self) -> Self:
        """Return finished requests without a scan of the signed paper; it is due the same day."""
        scanned = models.Q(papers__scans__withdrawn_at=None, papers__scans__isnull=False)
        has_one = Draft.objects.filter(scanned, pk=models.OuterRef("pk"), papers__voided_at=None)
        return self.filter(~models.Exists(has_one), state=DraftState.DONE)

    def done_on(self, day: date) -> Self:
        """Return the requests done on this day of the desk."""
        begin, end = bounds_of(day)
        return self.filter(state=DraftState.DONE, done_at__gte=begin, done_at__lt=end)


class Draft(models.Model):
    """A request of one customer. What was typed is stored unchanged."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="drafts")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="drafts")
    act = models.CharField(_("act"), max_length=30)
    typed = models.JSONField(default=dict)
    # Increased by every change, so that saving an older page is noticed.
    version = models.PositiveIntegerField(default=0)
    is_checked = models.BooleanField(default=False)
    # Seals that the right personal number was typed for this document (klikon/desk/identity.py).
    identified_as = models.CharField(max_length=64, blank=True, default="", db_default="")
    state = models.CharField(_("state"), max_length=10, choices=DraftState, default=DraftState.OPEN)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # Everybody who typed into it or sent it to the manager; none of them may be the second person.
    handled_by = models.ManyToManyField(User, related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("changed at"))
    # The code by SMS that the Fixed Leader reads out (superfamilja/customers/codes.py).
    code_pk = models.BigIntegerField(null=True)
    code_sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(_("sent to the manager at"), null=True)
    returned_because = models.CharField(_("why it came back"), max_length=500, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(_("done at"), null=True)
    declaration = models.OneToOneField(Declaration, models.PROTECT, null=True, related_name="draft")

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("request at the desk")
        verbose_name_plural = _("requests at the desk")
        default_permissions = ("view",)
        permissions = [("approve_declaration", "Can approve a Declaration of the own shop")]
        constraints = [
            models.CheckConstraint(condition=~Q(act=""), name="draft_has_an_act"),
            models.CheckConstraint(
                condition=Q(state__in=DraftState.values), name="draft_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=DraftState.DONE, done_at__isnull=False, done_by__isnull=False)
                | (~Q(state=DraftState.DONE) & Q(done_at=None, done_by=None, declaration=None)),
                name="draft_done_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["contract", "act", "store"],
                condition=Q(state__in=["open", "waiting"]),
                name="draft_stands_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=DraftState.WAITING) | Q(sent_at__isnull=False),
                name="draft_waits_since",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None)
                | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="draft_sent_by_somebody",
            ),
            # A second person: nobody approves what they opened or sent themselves.
            models.CheckConstraint(
                condition=Q(done_by=None)
                | Q(sent_by=None)
                | (~Q(done_by=F("sent_by")) & ~Q(done_by=F("opened_by"))),
                name="draft_approved_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["store", "changed_at"],
                condition=Q(state__in=["open", "waiting"]),
                name="draft_standing_in_a_store",
            ),
            models.Index(fields=["store", "done_at"], name="draft_done_in_a_store"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == DraftState.OPEN

    def is_at_hand(self, at: datetime) -> bool:
        """Return whether its shop still works on it: open, or ended on this day of the desk."""
        if self.state in {DraftState.OPEN, DraftState.WAITING}:
            return True
        return day_of(self.done_at or self.changed_at) == day_of(at)

    def touch(self, by: User, at: datetime) -> None:
        """Record that this person changed it."""
        self.version += 1
        self.changed_by, self.changed_at = by, at

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"
