"""The money side. Billing does not know what a package is: it bills whatever is posted."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import Contract
from superfamilja.lek import vat_within


def _first_of_month(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(month__day=1), name=name)


class BillMonth(models.Model):
    """A month that is closed has a row here; a month without one is open."""

    month = models.DateField(_("month"), primary_key=True)
    closed_at = models.DateTimeField(_("closed at"))

    class Meta:
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        default_permissions = ("view",)
        permissions = [("export_month", "Can export a month for the fixed bill")]
        constraints = [_first_of_month("bill_month_is_first_day")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class BillEntryQuerySet(models.QuerySet["BillEntry"]):
    def of(self, month: date) -> Self:
        """Entries of that month (its first day)."""
        return self.filter(month=month)


class BillEntry(models.Model):
    """One row a contract and month: what goes on the fixed bill (R14, R22). Whole Lek.

    `spent` is what the cap counts: the unreversed charges of this month. The bill is
    spent − carried_out + carried_in + adjusted, and may be negative.
    """

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="bill_entries", db_index=False
    )
    month = models.DateField(_("month"))
    spent = models.IntegerField(_("spent"))
    ceiling = models.IntegerField(_("ceiling"))
    adjusted = models.IntegerField(_("adjusted"), default=0, db_default=0)
    carried_out = models.IntegerField(_("carried out"), default=0, db_default=0)
    carried_in = models.IntegerField(_("carried in"), default=0, db_default=0)

    objects = BillEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("bill entry")
        verbose_name_plural = _("bill entries")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["contract", "month"], name="entry_one_a_month"),
            models.CheckConstraint(
                condition=Q(spent__gte=0, spent__lte=F("ceiling")),
                name="entry_spent_within_ceiling",
            ),
            _first_of_month("entry_month_is_first_day"),
        ]
        indexes = [models.Index(fields=["month", "contract"])]

    @property
    def reference(self) -> str:
        """The entry's own reference on the fixed bill."""
        return entry_reference(self.month, self.pk)

    @property
    def total_lek(self) -> int:
        """What goes on the bill, in Lek; negative is a credit line."""
        return self.spent - self.carried_out + self.carried_in + self.adjusted

    @property
    def vat_lek(self) -> Decimal:
        """VAT inside the total, once, on the entry (E2)."""
        return vat_within(self.total_lek)

    def __str__(self) -> str:
        return self.reference


def entry_reference(month: date, entry_id: int) -> str:
    """K2610-42: year, month and the entry's number."""
    return f"K{month:%y%m}-{entry_id}"


class ChargeState(models.TextChoices):
    HELD = "held", _("being verified")
    SETTLED = "settled", _("settled")
    REVERSED = "reversed", _("reversed")


class ChargeQuerySet(models.QuerySet["Charge"]):
    def counted(self) -> Self:
        """Charges that count against the cap: all that were not reversed (R10, R13)."""
        return self.exclude(state=ChargeState.REVERSED)


class Charge(models.Model):
    """An amount owed by a contract in a month, posted by a product. Its facts never change.

    `spent_after` and `limit_then` keep the proof that it was within the limit (R9).
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="charges", db_index=False)
    entry = models.ForeignKey(BillEntry, models.PROTECT, related_name="charges", db_index=False)
    month = models.DateField(_("month"))
    amount_lek = models.PositiveIntegerField(_("amount, Lek"))
    reference = models.CharField(_("reference"), max_length=20)
    text = models.CharField(_("text"), max_length=200)
    state = models.CharField(
        _("state"), max_length=10, choices=ChargeState, default=ChargeState.HELD
    )
    accepted_at = models.DateTimeField(_("accepted at"))
    spent_after = models.IntegerField(_("spent after it, Lek"))
    limit_then = models.IntegerField(_("limit at that moment, Lek"))

    objects = ChargeQuerySet.as_manager()

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="charge_reference_once"),
            models.CheckConstraint(
                condition=Q(spent_after__lte=F("limit_then")), name="charge_within_limit"
            ),
            models.CheckConstraint(condition=Q(amount_lek__gt=0), name="charge_amount_positive"),
            models.CheckConstraint(
                condition=Q(state__in=ChargeState.values), name="charge_state_known"
            ),
            _first_of_month("charge_month_is_first_day"),
        ]
        indexes = [
            models.Index(fields=["contract", "month"]),
            models.Index(fields=["entry"]),
        ]

    def __str__(self) -> str:
        return self.reference
