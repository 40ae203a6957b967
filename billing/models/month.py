"""A month as a whole: its state, what was parked at its close, and the files issued."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.money import BillEntry, entry_reference, first_of_month
from groups.models import Contract
from superfamilja.accounts.models import User
from superfamilja.values.months import month_label


class MonthState(models.TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    APPROVED = "approved", _("approved")


class BillMonth(models.Model):
    """The row of a month: its state, who closed and who approved it, and its figures at the close.

    A month without a row is open. A closed month takes no charge (R13); cancelling the close opens
    it again; approval is final. `figures` are those of billing/month/figures.py.
    """

    month = models.DateField(_("month"), primary_key=True)
    state = models.CharField(
        _("state"), max_length=10, choices=MonthState, default=MonthState.CLOSED
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    figures = models.JSONField(_("figures"), default=dict)

    class Meta:
        verbose_name = _("month")
        verbose_name_plural = _("months")
        default_permissions = ("view",)
        permissions = [
            ("close_month", "Can close a month and cancel its close"),
            ("approve_month", "Can approve a closed month"),
            ("export_month", "Can export a month for the fixed bill"),
        ]
        constraints = [
            first_of_month("bill_month_is_first_day"),
            models.CheckConstraint(
                condition=Q(state__in=MonthState.values), name="bill_month_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=MonthState.OPEN, closed_at=None)
                | (~Q(state=MonthState.OPEN) & Q(closed_at__isnull=False)),
                name="bill_month_closed_at_a_moment",
            ),
            # The person who approves is never the one who closed.
            models.CheckConstraint(
                condition=(
                    Q(approved_by=None, approved_at=None) & ~Q(state=MonthState.APPROVED)
                    | (
                        Q(state=MonthState.APPROVED, approved_at__isnull=False)
                        & Q(approved_by__isnull=False, closed_by__isnull=False)
                        & ~Q(approved_by=F("closed_by"))
                    )
                ),
                name="bill_month_second_person",
            ),
        ]

    def __str__(self) -> str:
        return month_label(self.month)


class Resolution(models.TextChoices):
    RECOUNTED = "recounted", _("counted anew from its lines")
    ACCEPTED = "accepted", _("accepted as it stands")
    SENT_AGAIN = "sent_again", _("sent again")
    CREDITED = "credited", _("credited; it is not billed")


class ParkedEntryQuerySet(models.QuerySet["ParkedEntry"]):
    def in_force(self) -> Self:
        """Return the ones whose month's close was not cancelled."""
        return self.filter(withdrawn_at=None)

    def waiting(self) -> Self:
        """Return the ones that still keep their entry off every file."""
        return self.in_force().filter(resolution=None)

    def resolved_since(self, month: date) -> Self:
        """Return those of this month that were resolved and are in no file yet.

        One that was credited whole has nothing left to bill, and goes into none.
        """
        nothing_left = Q(
            resolution=Resolution.CREDITED,
            entry__spent=F("entry__carried_out") - F("entry__carried_in") - F("entry__adjusted"),
        )
        resolved = self.in_force().filter(month=month, resolution__isnull=False, issued_in=None)
        return resolved.exclude(nothing_left)


class ParkedEntry(models.Model):
    """An entry that is kept off the files until somebody has found its way out.

    Either it did not agree with its lines when its month closed. `differences` then names each
    figure with [what the entry says, what the lines say], in Lek. Ways out: counted anew from its
    lines, or accepted as it stands, by a second person. Or fixed billing rejected its line: then
    `answer` and `rejection` say where and why. Ways out: sent again, or credited.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", db_index=False)
    entry = models.ForeignKey(BillEntry, models.PROTECT, related_name="parked")
    month = models.DateField(_("month"))
    differences = models.JSONField(_("differences"), default=dict)
    answer = models.ForeignKey(
        "BillingAnswer", models.PROTECT, null=True, blank=True, related_name="parked"
    )
    rejection = models.CharField(_("why it was rejected"), max_length=300, null=True, blank=True)
    parked_at = models.DateTimeField(_("parked at"))
    proposed_at = models.DateTimeField(_("proposed at"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )
    reason = models.CharField(_("reason"), max_length=500, null=True, blank=True)
    resolution = models.CharField(
        _("way out"), max_length=10, choices=Resolution, null=True, blank=True
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("resolved by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    issued_in = models.ForeignKey(
        "IssuedFile", models.PROTECT, null=True, blank=True, related_name="parked"
    )

    objects = ParkedEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("parked entry")
        verbose_name_plural = _("parked entries")
        default_permissions = ("view",)
        permissions = [("resolve_parked", "Can resolve parked entries")]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(withdrawn_at=None, issued_in=None),
                name="parked_once",
            ),
            models.CheckConstraint(
                condition=Q(answer=None, rejection=None)
                | Q(answer__isnull=False, rejection__gt="", differences={}, withdrawn_at=None),
                name="parked_rejected_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(answer=None) & ~Q(resolution__in=["sent_again", "credited"])
                | Q(answer__isnull=False) & ~Q(resolution__in=["recounted", "accepted"])
                | Q(resolution=None),
                name="parked_way_out_fits_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(resolution=None, resolved_by=None, resolved_at=None)
                | Q(
                    resolution__in=Resolution.values,
                    resolved_by__isnull=False,
                    resolved_at__isnull=False,
                ),
                name="parked_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(resolution=Resolution.ACCEPTED)
                | (Q(proposed_by__isnull=False) & ~Q(proposed_by=F("resolved_by"))),
                name="parked_second_person",
            ),
            models.CheckConstraint(
                condition=Q(issued_in=None) | Q(resolution__isnull=False),
                name="parked_issued_when_resolved",
            ),
        ]
        indexes = [models.Index(fields=["month"])]

    @property
    def is_rejected(self) -> bool:
        """Whether fixed billing rejected its line; otherwise the close parked it."""
        return self.answer_id is not None

    def __str__(self) -> str:
        return entry_reference(self.month, self.entry_id)


class IssuedFileQuerySet(models.QuerySet["IssuedFile"]):
    def to_be_laid_out(self) -> Self:
        """Those that go into the folder for fixed billing and are not there yet."""
        return self.filter(for_outbox=True, laid_out_at=None).order_by("month", "number")


class IssuedFile(models.Model):
    """A file issued to the fixed billing system. It never changes, because its bytes are kept.

    `number` 0 is the month's file, 1 and on its supplements. Amounts in Lek, VAT to 0.01.
    `for_outbox`: when it was issued there was a folder for it (OUTBOX_DIR); `laid_out_at`: it is
    in there since.
    """

    month = models.DateField(_("month"))
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=60)
    sha256 = models.CharField("SHA-256", max_length=64)
    entries = models.PositiveIntegerField(_("entries"))
    activations = models.PositiveIntegerField(_("activations"))
    amount_lek = models.BigIntegerField(_("amount, Lek"))
    vat_lek = models.DecimalField(_("VAT, Lek"), max_digits=12, decimal_places=2)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("issued by")
    )
    for_outbox = models.BooleanField(default=False, db_default=False)
    laid_out_at = models.DateTimeField(_("laid out"), null=True, blank=True)

    objects = IssuedFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("issued file")
        verbose_name_plural = _("issued files")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["month", "number"], name="issued_number_once"),
            # The fixed billing system identifies a file by its name.
            models.UniqueConstraint(fields=["name"], name="issued_name_once"),
            first_of_month("issued_month_is_first_day"),
        ]

    def __str__(self) -> str:
        return self.name


class IssuedPart(models.Model):
    """A compressed piece of an issued file, so that the same bytes can be given again."""

    file = models.ForeignKey(IssuedFile, models.PROTECT, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="issued_part_once")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"
