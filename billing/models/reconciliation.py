"""Comparisons of the books, and what does not agree: each difference a row, from seen to ended."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.models import User


class Reconciliation(models.Model):
    """One comparison of the books: asked for by a person, or daily by itself.

    `silent` names the other sides that gave no list, with why: what is compared with them stays as
    it was. `open`, `new`, `gone`: differences after it, and what it changed.
    """

    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    silent = models.JSONField(default=dict, blank=True)
    open = models.PositiveIntegerField(_("open differences"), default=0)
    new = models.PositiveIntegerField(_("new differences"), default=0)
    gone = models.PositiveIntegerField(_("differences that are gone"), default=0)

    class Meta:
        verbose_name = _("comparison of the books")
        verbose_name_plural = _("comparisons of the books")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(ended_at=None),
                name="reconciliation_asked_once_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["-ended_at"], name="reconciliation_ended")]

    def __str__(self) -> str:
        return f"{self.pk}"


class DiscrepancyEnd(models.TextChoices):
    GONE = "gone", _("gone at the next comparison")
    ACCEPTED = "accepted", _("accepted as it is")


class DiscrepancyQuerySet(models.QuerySet["Discrepancy"]):
    def standing(self) -> Self:
        """Those that have not ended, the oldest first."""
        return self.filter(ended_at=None).order_by("first_seen_at", "pk")

    def older_than(self, age: timedelta, at: datetime) -> Self:
        """Those that were first seen before then."""
        return self.filter(first_seen_at__lte=at - age)


class Discrepancy(models.Model):
    """Two books that do not agree about one thing, with what each of them says.

    `key` names the thing within its kind, `links` the rows by which it is put right. It ends when
    a comparison finds it no more, or when a second person accepts it as it is. Accepted, it comes
    back only if one of the books says something else by then.
    """

    kind = models.CharField(_("kind"), max_length=30)
    key = models.CharField(_("about"), max_length=80)
    moment = models.DateTimeField(_("happened"))
    ours = models.JSONField(_("we say"))
    theirs = models.JSONField(_("the other book says"))
    links = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken by")
    )
    owned_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    proposed_at = models.DateTimeField(_("proposed at"), null=True, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_how = models.CharField(
        _("how it ended"), max_length=10, choices=DiscrepancyEnd, null=True, blank=True
    )
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference between the books")
        verbose_name_plural = _("differences between the books")
        default_permissions = ("view",)
        permissions = [("end_discrepancy", "Can take and end differences between the books")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(ended_at=None), name="discrepancy_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_how=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_how=DiscrepancyEnd.GONE, ended_by=None)
                # Never one person alone.
                | Q(ended_at__isnull=False, ended_how=DiscrepancyEnd.ACCEPTED)
                & Q(ended_by__isnull=False, proposed_by__isnull=False, reason__gt="")
                & ~Q(ended_by=F("proposed_by")),
                name="discrepancy_accepted_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(owner=None, owned_at=None)
                | Q(owner__isnull=False, owned_at__isnull=False),
                name="discrepancy_taken_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "first_seen_at"],
                condition=Q(ended_at=None),
                name="discrepancy_standing",
            ),
            models.Index(
                fields=["kind", "key"],
                condition=Q(ended_how="accepted"),
                name="discrepancy_accepted",
            ),
        ]

    def __str__(self) -> str:
        return self.key
