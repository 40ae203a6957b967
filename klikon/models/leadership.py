"""Who may activate: Declarations with their papers, Mobile Leaders, their stops (R3, R4, R26)."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import Contract, Group, Membership
from superfamilja.accounts.models import Store, User
from superfamilja.values import phone
from superfamilja.values.random_keys import numbered


class DeclarationChannel(models.TextChoices):
    """How the Fixed Leader declares (R3)."""

    STORE = "store", _("store")
    ONLINE = "online", _("online")


class Declaration(models.Model):
    """The Fixed Leader's recorded decision that names the Mobile Leader (R3)."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="declarations")
    group = models.ForeignKey(Group, models.PROTECT, related_name="declarations")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="declarations")
    channel = models.CharField(_("channel"), max_length=10, choices=DeclarationChannel)
    signatory_name = models.CharField(_("signed by"), max_length=200)
    evidence = models.CharField(_("evidence"), max_length=300)
    declared_at = models.DateTimeField(_("declared at"))
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="declarations")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="declarations")
    # No code from the payer's phone confirms it, so they are told by letter and on the next bill.
    by_letter = models.BooleanField(_("told by letter"), default=False, db_default=False)

    class Meta:
        verbose_name = _("Declaration")
        verbose_name_plural = _("Declarations")
        default_permissions = ("view",)
        permissions = [("record_declaration", "Can record a Declaration")]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=DeclarationChannel.values),
                name="declaration_in_a_store_or_online",
            ),
            models.CheckConstraint(
                condition=~Q(signatory_name="") & ~Q(evidence=""), name="declaration_says_by_whom"
            ),
            models.CheckConstraint(
                condition=Q(store=None) | Q(channel="store"), name="declaration_online_in_no_store"
            ),
        ]
        indexes = [
            models.Index(
                fields=["declared_at"], condition=Q(by_letter=True), name="declaration_by_letter"
            )
        ]

    @property
    def reference(self) -> str:
        """Return the printed reference, which staff search for: D-7QX-4PW-R2AR."""
        return numbered("D", self.pk)

    def __str__(self) -> str:
        return self.reference


class DeclarationPaper(models.Model):
    """A Declaration's PDF, made once: the bytes that were shown are always shown again."""

    declaration = models.OneToOneField(Declaration, models.PROTECT, related_name="paper")
    content = models.BinaryField()
    sha256 = models.CharField("SHA-256", max_length=64)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("paper of a Declaration")
        verbose_name_plural = _("papers of Declarations")
        default_permissions = ()

    def __str__(self) -> str:
        return self.sha256[:12]


class LeaderAssignmentQuerySet(models.QuerySet["LeaderAssignment"]):
    def standing(self) -> Self:
        """Return those in place: not ended, membership current, group open; frozen or not."""
        standing = self.filter(ended_at=None, member__left_on=None, group__closed_on=None)
        return standing.select_related("member", "declaration", "group__contract")

    def of_group(self, group: Group) -> Self:
        """Return who leads this group, frozen or not; at most one (R4)."""
        return self.standing().filter(group=group)

    def of_contract(self, contract: Contract) -> Self:
        """Return who spends on the bill of this contract, frozen or not; at most one (R4)."""
        return self.standing().filter(group__contract=contract)

    def of_number(self, msisdn: str) -> Self:
        """Return what this mobile number (E.164) leads, frozen or not; at most one (R20)."""
        return self.standing().filter(member__msisdn=msisdn)

    def in_force(self) -> Self:
        """R4: return those not ended, not frozen, with a current membership in an open group."""
        frozen = LeaderFreeze.objects.filter(assignment=models.OuterRef("pk"), ended_at=None)
        return self.standing().filter(~models.Exists(frozen))


class LeaderAssignment(models.Model):
    """A Mobile Leader: since when, by which Declaration, until when and why (R4)."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="leader_assignments")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="leader_assignments")
    declaration = models.OneToOneField(Declaration, models.PROTECT, related_name="assignment")
    assigned_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_reason = models.CharField(_("why it ended"), max_length=300, null=True, blank=True)

    objects = LeaderAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mobile Leader")
        verbose_name_plural = _("Mobile Leaders")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["group"], condition=Q(ended_at=None), name="leader_one_a_group"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("assigned_at")),
                name="leader_ends_after_assignment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}"

    def standing_freeze(self) -> "LeaderFreeze | None":
        """Return the freeze that has not ended, if there is one."""
        return self.freezes.filter(ended_at=None).first()


class FreezeCause(models.TextChoices):
    """Why a Mobile Leader is stopped: by the Fixed Leader, or by news of the CRM (R26)."""

    FIXED_LEADER = "fixed_leader", _("the Fixed Leader asked for it")
    PORTED = "ported", _("the number was ported")
    REASSIGNED = "reassigned", _("the number was given to somebody else")
    SIM_SWAPPED = "sim_swapped", _("the SIM card was changed")


class LeaderFreeze(models.Model):
    """A stop of a Mobile Leader: from when, why, and until when (R4, R26)."""

    assignment = models.ForeignKey(LeaderAssignment, models.PROTECT, related_name="freezes")
    frozen_at = models.DateTimeField(_("frozen since"))
    cause = models.CharField(
        _("cause"), max_length=20, choices=FreezeCause, default=FreezeCause.FIXED_LEADER
    )
    reason = models.TextField(_("reason"), blank=True)
    frozen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_evidence = models.CharField(_("what allowed it again"), max_length=300, null=True)

    class Meta:
        verbose_name = _("stop of a Mobile Leader")
        verbose_name_plural = _("stops of Mobile Leaders")
        default_permissions = ("view",)
        permissions = [("freeze_leader", "Can stop a Mobile Leader at the Fixed Leader's request")]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(ended_at=None), name="freeze_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=FreezeCause.values), name="freeze_cause_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("frozen_at")),
                name="freeze_ends_after_it_began",
            ),
            # R26: a stop of the CRM ends only by something that can be shown.
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(cause="fixed_leader")
                | (Q(ended_evidence__isnull=False) & ~Q(ended_evidence="")),
                name="freeze_by_the_crm_ends_by_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.frozen_at:%Y-%m-%d %H:%M}"


class NumberChange(models.Model):
    """The CRM's news that a number changed hands, stored once for each event (R26).

    Number, cause and the CRM's moment identify an event. `freeze` is the resulting stop; None means
    that the number led nothing then.
    """

    msisdn = models.CharField(_("mobile number"), max_length=16)
    cause = models.CharField(_("cause"), max_length=20, choices=FreezeCause)
    changed_at = models.DateTimeField(_("changed at"))
    told_at = models.DateTimeField(_("told at"))
    told_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    freeze = models.ForeignKey(
        LeaderFreeze, models.PROTECT, null=True, blank=True, related_name="told_as"
    )

    class Meta:
        verbose_name = _("change of a number")
        verbose_name_plural = _("changes of numbers")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["msisdn", "cause", "changed_at"], name="number_change_told_once"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=[c for c in FreezeCause.values if c != "fixed_leader"]),
                name="number_change_is_the_crms",
            ),
        ]

    def __str__(self) -> str:
        return f"{phone.masked(self.msisdn)} {self.cause}"
