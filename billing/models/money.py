"""Entries, charges and corrections. Billing knows no packages: it bills what is posted."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import Contract
from superfamilja.accounts.models import User
from superfamilja.values.lek import vat_within
from superfamilja.values.months import month_label
from superfamilja.values.random_keys import numbered


def first_of_month(name: str) -> models.CheckConstraint:
    """R11: a month is kept as its first day."""
    return models.CheckConstraint(condition=Q(month__day=1), name=name)


class BillEntryQuerySet(models.QuerySet["BillEntry"]):
    def of(self, month: date) -> Self:
        """Return the entries of that month (its first day)."""
        return self.filter(month=month)


# The bill's total from the columns of an entry; BillEntry.total_lek is the same in Python.
BILL_LEK = "spent - carried_out + carried_in + adjusted"


class BillEntry(models.Model):
    """One row a contract and month: its amounts on the fixed bill, in whole Lek (R14, R22).

    `spent` is what the cap counts: the unreversed charges of this month. The bill (`total_lek`,
    BILL_LEK in SQL) may be negative.
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
            first_of_month("entry_month_is_first_day"),
        ]
        indexes = [models.Index(fields=["month", "contract"])]

    @property
    def reference(self) -> str:
        """Return the entry's own reference on the fixed bill."""
        return entry_reference(self.month, self.pk)

    @property
    def total_lek(self) -> int:
        """Return the bill's total in Lek; a negative one is a credit line."""
        return self.spent - self.carried_out + self.carried_in + self.adjusted

    @property
    def vat_lek(self) -> Decimal:
        """Return the VAT inside the total, computed once on the entry (E2)."""
        return vat_within(self.total_lek)

    def __str__(self) -> str:
        return self.reference


def entry_reference(month: date, entry_id: int) -> str:
    """Return year, month and the entry's key: K2610-7QX-4PW-R2AR, or K2610-42 for a counted one."""
    return numbered(f"K{month:%y%m}", entry_id)


class ChargeState(models.TextChoices):
    HELD = "held", _("being verified")
    SETTLED = "settled", _("settled")
    REVERSED = "reversed", _("reversed")


def not_reversed(charge: str) -> str:
    """Return the SQL condition that this row of billing_charge counts against the cap (R10, R13).

    ChargeQuerySet.counted is the same for the ORM.
    """
    return f"{charge}.state <> '{ChargeState.REVERSED.value}'"


class ChargeQuerySet(models.QuerySet["Charge"]):
    def counted(self) -> Self:
        """Return charges that count against the cap: all that were not reversed (R10, R13)."""
        return self.exclude(state=ChargeState.REVERSED)


class Charge(models.Model):
    """An amount that a contract owes in a month, posted by a product. Its facts never change.

    `spent_after` and `limit_then` prove that it was within the limit (R9).
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
    outcome_at = models.DateTimeField(_("settled or reversed at"), null=True, blank=True)
    credited_lek = models.PositiveIntegerField(_("credited, Lek"), default=0, db_default=0)

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
            # R13: reversal and credits together never exceed their charge.
            models.CheckConstraint(
                condition=Q(credited_lek=0)
                | Q(state=ChargeState.SETTLED, credited_lek__lte=F("amount_lek")),
                name="charge_credited_within_amount",
            ),
            first_of_month("charge_month_is_first_day"),
        ]
        indexes = [
            models.Index(fields=["contract", "month"]),
            models.Index(fields=["entry"]),
            # A BRIN index suffices: charges are added in the order of their months, so few disk
            # pages hold one month.
            BrinIndex(fields=["month"], name="charge_month_brin"),
        ]

    @property
    def is_reversed(self) -> bool:
        """Return True when it counts nowhere any more (R13)."""
        return self.state == ChargeState.REVERSED

    @property
    def creditable_lek(self) -> int:
        """Return what may still be credited, in Lek; 0 for a held or reversed charge (R13)."""
        return self.amount_lek - self.credited_lek if self.state == ChargeState.SETTLED else 0

    def __str__(self) -> str:
        return self.reference


class Reversal(models.Model):
    """The reversal of a charge, once: the whole amount, in the charge's own month (R13).

    It has no amount of its own, because it is the charge's.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="reversals", db_index=False)
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="reversal")
    reason = models.CharField(_("reason"), max_length=300)
    reversed_at = models.DateTimeField(_("reversed at"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        default_permissions = ("view",)
        permissions = [("reverse_charge", "Can reverse a charge")]

    def __str__(self) -> str:
        return f"{self.charge_id}"


class CreditKind(models.TextChoices):
    GOODWILL = "goodwill", _("goodwill")
    LATE_REVERSAL = "late_reversal", _("reversal after its month closed")
    UNBILLED = "unbilled", _("rejected by fixed billing, and not billed")


class CreditSentence(models.TextChoices):
    """What the customer reads about a credit, on pages, bills and files."""

    CORRECTION = "correction", _("Correction of an earlier charge")
    NOT_RECEIVED = "not_received", _("The package was not received")
    NOT_ASKED_FOR = "not_asked_for", _("The package was not asked for")
    WRONG_AMOUNT = "wrong_amount", _("The amount was not right")
    TAKEN_BACK = "taken_back", _("The charge was taken back")
    GOODWILL = "goodwill", _("Given back in goodwill")


class Credit(models.Model):
    """A correction in the contract's favour: it lowers an open month's bill, never `spent` (R13).

    `charge` is what it corrects; `month` is the open month that it lands in. Amounts in Lek. One
    of a line that fixed billing rejected lands in the line's own month: it was never billed.
    `reason` is for staff alone; `told` is the sentence that the customer reads.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="credits", db_index=False)
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="credits")
    entry = models.ForeignKey(BillEntry, models.PROTECT, related_name="credits")
    month = models.DateField(_("month"))
    amount_lek = models.PositiveIntegerField(_("amount, Lek"))
    kind = models.CharField(_("kind"), max_length=20, choices=CreditKind)
    reason = models.CharField(_("reason"), max_length=300)
    told = models.CharField(
        _("what the customer reads"),
        max_length=20,
        choices=CreditSentence,
        default=CreditSentence.CORRECTION,
        db_default=CreditSentence.CORRECTION,
    )
    key = models.CharField(max_length=100)
    credited_at = models.DateTimeField(_("credited at"))
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        default_permissions = ("view",)
        permissions = [("give_credit", "Can give a goodwill credit")]
        constraints = [
            models.UniqueConstraint(fields=["contract", "key"], name="credit_key_once"),
            models.CheckConstraint(condition=Q(amount_lek__gt=0), name="credit_amount_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=CreditKind.values), name="credit_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(told__in=CreditSentence.values), name="credit_told_known"
            ),
            first_of_month("credit_month_is_first_day"),
        ]
        indexes = [models.Index(fields=["contract", "month"])]

    def __str__(self) -> str:
        return f"{self.charge_id} −{self.amount_lek}"


class CarriedChargeQuerySet(models.QuerySet["CarriedCharge"]):
    def in_force(self) -> Self:
        """Return the ones whose month's close was not cancelled."""
        return self.filter(withdrawn_at=None)


class CarriedCharge(models.Model):
    """A charge that was held when its month closed: on the first bill after it settles (R29).

    `into_month` is set once, when the charge settles. A reversed charge never gets it and is on no
    bill. It stays in `spent` and `carried_out` of its own month, which no longer change.
    `withdrawn_at` means that the close was cancelled while the charge was still held, as if it had
    never been carried.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="carried", db_index=False)
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="carried")
    from_month = models.DateField(_("month of the charge"))
    carried_at = models.DateTimeField(_("carried at"))
    into_month = models.DateField(_("month of the bill"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = CarriedChargeQuerySet.as_manager()

    class Meta:
        verbose_name = _("carried charge")
        verbose_name_plural = _("carried charges")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["charge"], condition=Q(withdrawn_at=None), name="carried_once"
            ),
            models.CheckConstraint(
                condition=Q(into_month=None) | Q(withdrawn_at=None),
                name="carried_into_a_bill_is_not_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(into_month=None) | Q(into_month__gt=F("from_month")),
                name="carried_into_a_later_month",
            ),
        ]
        indexes = [
            models.Index(fields=["contract", "into_month"]),
            models.Index(fields=["from_month"]),
        ]

    def __str__(self) -> str:
        into = month_label(self.into_month) if self.into_month else "…"
        return f"{month_label(self.from_month)} → {into}"
