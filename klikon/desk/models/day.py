"""The end of a shop's day, and the letters to payers without a phone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from groups.models import Contract, Membership
from klikon.desk.models.paper import Paper
from klikon.models import Declaration
from superfamilja.accounts.models import Store, User
from superfamilja.data.database import required


class Letter(models.Model):
    """A letter to a payer about an act that a second person approved.

    It says that a Mobile Leader was named, or may go on although their number changed hands (R26).
    If the shop cancelled the Declaration as its mistake before the letter went out, it says so. A
    letter is also written for a Declaration within 30 days of a contact mobile that no code proved
    (R31). An online one has no paper, and no shop when the contract's is unknown.
    """

    paper = models.OneToOneField(Paper, models.PROTECT, null=True, related_name="letter")
    declaration = models.OneToOneField(
        Declaration, models.PROTECT, null=True, related_name="letter"
    )
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="letters")
    made_at = models.DateTimeField(_("since"))
    posted_at = models.DateTimeField(_("posted at"), null=True)
    posted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(posted_at=None, posted_by=None)
                | models.Q(posted_at__isnull=False, posted_by__isnull=False),
                name="letter_posted_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(paper__isnull=False, declaration=None, store__isnull=False)
                | models.Q(paper=None, declaration__isnull=False),
                name="letter_about_one_thing",
            ),
        ]

    @property
    def contract(self) -> Contract:
        """Whose Fixed Leader gets it."""
        return self.paper.draft.contract if self.paper else required(self.declaration).contract

    @property
    def reference(self) -> str:
        """The paper, or the online Declaration."""
        return self.paper.reference if self.paper else required(self.declaration).reference

    def __str__(self) -> str:
        return self.reference


class DayEnd(models.Model):
    """The end of a day, signed by a shop's manager."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="day_ends")
    day = models.DateField(_("day"))
    closed_at = models.DateTimeField(_("closed at"))
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    printed = models.PositiveIntegerField(_("printed"))
    signed = models.PositiveIntegerField(_("signed"))
    scanned = models.PositiveIntegerField(_("scanned"))
    filed = models.PositiveIntegerField(_("filed"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("end of a day")
        verbose_name_plural = _("ends of days")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["store", "day"], name="day_end_once"),
            # Figures that do not add up need an explanation.
            models.CheckConstraint(
                condition=~models.Q(note="")
                | models.Q(
                    printed=models.F("signed"),
                    signed=models.F("scanned"),
                    scanned=models.F("filed"),
                ),
                name="day_end_adds_up_or_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store} {self.day}"
