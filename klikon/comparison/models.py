"""Store orders that only one side has or knows differently, and how each line ended."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.models import User
from superfamilja.epoch.models import Halt


class Comparison(models.Model):
    """One reading of the charging system's whole list. Written once."""

    halt = models.ForeignKey(Halt, models.PROTECT, related_name="comparisons")
    since = models.DateTimeField(_("orders since"))
    made_at = models.DateTimeField(_("made"))
    theirs = models.PositiveIntegerField(_("orders there"))
    ours = models.PositiveIntegerField(_("orders here"))

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.pk}"


class Difference(models.TextChoices):
    MISSING_HERE = "missing_here", _("there, and not here")
    MISSING_THERE = "missing_there", _("delivered here, and not known there")
    CONTENT = "content", _("another number or package there")
    OUTCOME = "outcome", _("another outcome there")


class Ending(models.TextChoices):
    CHARGED = "charged", _("charged to the family")
    GIVEN_BACK = "given_back", _("given back")
    ACCEPTED = "accepted", _("accepted as it is")


class ComparedOrderQuerySet(models.QuerySet["ComparedOrder"]):
    def open(self) -> Self:
        """Return lines that have not ended."""
        return self.filter(confirmed_at=None)

    def proposed(self) -> Self:
        """Return lines that wait for a second person."""
        return self.open().exclude(proposed_at=None)


class ComparedOrder(models.Model):
    """An order on which the two do not agree. The findings are written once.

    `msisdn`, `package_code`, `state`, `code`, `taken_at`, `ordered_at` are the charging system's;
    `ours` is what our database had. One person proposes the ending, another confirms it.
    `confirmed_in` is the transaction of the confirmation: only that one may write this order's
    money while the database stands still.
    """

    halt = models.ForeignKey(Halt, models.PROTECT, related_name="lines")
    comparison = models.ForeignKey(Comparison, models.PROTECT, related_name="lines")
    reference = models.CharField(_("reference"), max_length=40)
    difference = models.CharField(_("difference"), max_length=20, choices=Difference)
    msisdn = models.CharField(_("mobile number"), max_length=16, blank=True)
    package_code = models.CharField(_("package"), max_length=20, blank=True)
    state = models.CharField(_("state there"), max_length=10, blank=True)
    code = models.CharField(_("code"), max_length=40, blank=True)
    taken_at = models.DateTimeField(_("taken there"), null=True, blank=True)
    ordered_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    ours = models.JSONField(_("here"), default=dict)
    ending = models.CharField(_("ending"), max_length=12, choices=Ending, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_in = models.BigIntegerField(null=True, blank=True)

    objects = ComparedOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("compared order")
        verbose_name_plural = _("compared orders")
        default_permissions = ("view",)
        permissions = [("end_line", "Can propose and confirm what becomes of a compared order")]
        constraints = [
            models.UniqueConstraint(fields=["halt", "reference"], name="compared_order_once"),
            models.CheckConstraint(
                condition=Q(difference__in=Difference.values), name="compared_difference_known"
            ),
            models.CheckConstraint(
                condition=Q(ending="", proposed_at=None, proposed_by=None, confirmed_at=None)
                | Q(ending__in=Ending.values, proposed_at__isnull=False, proposed_by__isnull=False)
                & ~Q(reason=""),
                name="compared_ending_is_proposed_with_a_reason",
            ),
            # R36: never one person alone.
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, confirmed_in=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False)
                & Q(confirmed_in__isnull=False, proposed_by__isnull=False)
                & ~Q(proposed_by=F("confirmed_by")),
                name="compared_confirmed_by_a_second_person",
            ),
        ]
        indexes = [
            models.Index(fields=["reference"], name="compared_reference"),
            models.Index(
                fields=["halt"], condition=Q(confirmed_at=None), name="compared_still_open"
            ),
        ]

    @property
    def accepted_at(self) -> datetime | None:
        """Return when Klik-ON accepted it: the time sent with the order, or when they took it."""
        return self.ordered_at or self.taken_at

    def __str__(self) -> str:
        return self.reference
