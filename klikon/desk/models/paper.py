"""Papers that customers sign, blanks for a broken printer, and the scans of both."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from klikon.desk.models.draft import Draft
from klikon.papers.typeset import sealed
from superfamilja.accounts.models import Store, User
from superfamilja.values import random_keys


class Blank(models.Model):
    """A numbered form printed in advance, filled in by hand when the printer fails."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="blanks")
    printed_at = models.DateTimeField(_("printed at"))
    printed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # In its QR code beside the number (klikon/papers/typeset.py); empty on older forms.
    seal = models.CharField(max_length=16, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("blank form")
        verbose_name_plural = _("blank forms")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["seal"], condition=~Q(seal=""), name="blank_seal_once"),
        ]

    @property
    def number(self) -> str:
        """Return the printed number: B-7QX-4PW-R2AR, or B-000123 for a counted one."""
        if self.pk < random_keys.SMALLEST:
            return f"B-{self.pk:06}"
        return random_keys.numbered("B", self.pk)

    def __str__(self) -> str:
        return self.number


class Paper(models.Model):
    """A paper that the customer signs. Changed data make a new paper and void the one before."""

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="papers")
    # D-… for a Declaration, which gets this key when it comes into force; K-… for others.
    reference = models.CharField(_("reference"), max_length=20, unique=True)
    # In its QR code beside the reference; empty for blanks and older papers.
    seal = models.CharField(max_length=16, blank=True, default="", db_default="")
    content = models.BinaryField(null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    # What it says, in both languages: parts of rows, as klikon/papers/typeset.py makes them.
    parts = models.JSONField()
    # The ids that it depends on (DeskAct.stands_on); None on older papers.
    stands_on = models.JSONField(null=True)
    blank = models.OneToOneField(Blank, models.PROTECT, null=True, related_name="paper")
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(_("void since"), null=True)
    filed_at = models.DateTimeField(_("filed at"), null=True)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("signed paper")
        verbose_name_plural = _("signed papers")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["draft"], condition=Q(voided_at=None), name="paper_one_a_draft"
            ),
            models.UniqueConstraint(fields=["seal"], condition=~Q(seal=""), name="paper_seal_once"),
            models.CheckConstraint(
                condition=(Q(content=None) & Q(sha256="") & Q(blank__isnull=False))
                | (Q(content__isnull=False) & Q(sha256__regex=r"^[0-9a-f]{64}$") & Q(blank=None)),
                name="paper_printed_or_blank",
            ),
            models.CheckConstraint(
                condition=Q(filed_at=None, filed_by=None)
                | Q(filed_at__isnull=False, filed_by__isnull=False, voided_at=None),
                name="paper_filed_by_somebody",
            ),
        ]

    @property
    def code(self) -> str:
        """Return what the QR code on the sheet says; empty without a seal."""
        if self.blank:
            return sealed(self.blank.number, self.blank.seal)
        return sealed(self.reference, self.seal)

    @property
    def number(self) -> int:
        """Return the key in the reference."""
        return random_keys.number_of(self.reference.partition("-")[2])

    def __str__(self) -> str:
        return self.reference


class ScanCode(models.TextChoices):
    """The result of reading a scan's QR codes."""

    OWN = "own", _("the QR code of this paper")
    MISSING = "missing", _("no QR code of ours")
    # A scan that was used before codes were read; new scans never get this value.
    EARLIER = "earlier", _("kept before QR codes were read")


class ScanQuerySet(models.QuerySet["Scan"]):
    def standing(self) -> "ScanQuerySet":
        """Return scans that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def proven(self) -> "ScanQuerySet":
        """Return scans known to be of their own paper, by QR code or a second person's word."""
        return self.standing().exclude(code=ScanCode.MISSING, vouched_at=None)


class Scan(models.Model):
    """A signed paper as pictures, drawn again from the upload."""

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="scans")
    sha256 = models.CharField("SHA-256", max_length=64)
    scanned_at = models.DateTimeField(_("scanned at"))
    scanned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=10, choices=ScanCode, default=ScanCode.MISSING)
    # A second person says why a scan without its QR code is of this paper nevertheless.
    vouched_at = models.DateTimeField(_("vouched for at"), null=True)
    vouched_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    vouched_because = models.CharField(_("why it has no QR code"), max_length=500, null=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        default_permissions = ()
        constraints = [
            # The same pictures sent twice are stored once.
            models.UniqueConstraint(
                fields=["paper", "sha256"],
                condition=Q(withdrawn_at=None),
                name="scan_once",
            ),
            models.CheckConstraint(condition=Q(code__in=ScanCode.values), name="scan_code_known"),
            models.CheckConstraint(
                condition=Q(vouched_at=None, vouched_by=None, vouched_because=None)
                | (
                    Q(vouched_at__isnull=False, vouched_by__isnull=False, code=ScanCode.MISSING)
                    & ~Q(vouched_because="")
                    & Q(vouched_because__isnull=False)
                    & ~Q(vouched_by=F("scanned_by"))
                ),
                name="scan_vouched_for_by_another",
            ),
        ]

    @property
    def is_proven(self) -> bool:
        """Return whether it is known to be of its own paper."""
        return self.code != ScanCode.MISSING or self.vouched_at is not None

    def __str__(self) -> str:
        return f"{self.paper_id} {self.sha256[:12]}"


class ScanPage(models.Model):
    """A page, and where its picture is stored (superfamilja/uploads/keeping.py)."""

    scan = models.ForeignKey(Scan, models.PROTECT, related_name="pages")
    number = models.PositiveSmallIntegerField(_("page"))
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        verbose_name = _("page of a scan")
        verbose_name_plural = _("pages of scans")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["scan", "number"], name="scan_page_once")]

    def __str__(self) -> str:
        return f"{self.scan_id}/{self.number}"
