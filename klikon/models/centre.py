"""Packages, the Mobile Leader, limits, activations and refusals: each a fact, written once."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.models import Charge
from groups.models import Contract, Group, Membership, TermsVersion
from superfamilja import phone
from superfamilja.accounts.models import User

SUPER = "super"  # the family of packages that Klik-ON sells (R5)


class Channel(models.TextChoices):
    """Where a request came in."""

    IVR = "ivr", _("call to 130")
    WEB = "web", _("portal")
    STORE = "store", _("store")
    STAFF = "staff", _("staff")
    API = "api", "API"


class PackageQuerySet(models.QuerySet["Package"]):
    def on_sale(self, day: date) -> Self:
        """The version of each package that was on sale on that day, cheapest first."""
        newest = (
            Package.objects.filter(on_sale_from__lte=day)
            .order_by("code", "-on_sale_from")
            .distinct("code")
            .values("pk")
        )
        return (
            self.filter(pk__in=newest)
            .filter(Q(on_sale_until=None) | Q(on_sale_until__gt=day))
            .order_by("list_price_lek", "code")
        )


class Package(models.Model):
    """A package as sold from a date: a changed price is a new row. `on_sale_until` is exclusive."""

    code = models.CharField(_("code"), max_length=20)
    family = models.CharField(_("family"), max_length=20)
    name = models.CharField(_("name"), max_length=60)
    list_price_lek = models.PositiveIntegerField(_("price in the shop, Lek"))
    validity_days = models.PositiveSmallIntegerField(_("validity, days"))
    benefits_sq = models.CharField(max_length=300)
    benefits_en = models.CharField(max_length=300)
    on_sale_from = models.DateField(_("on sale from"))
    on_sale_until = models.DateField(_("on sale until"), null=True, blank=True)
    sms_code = models.CharField(_("SMS code"), max_length=20, blank=True)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["code", "on_sale_from"], name="package_version_once"),
            models.CheckConstraint(
                condition=Q(on_sale_until=None) | Q(on_sale_until__gt=F("on_sale_from")),
                name="package_sold_at_least_a_day",
            ),
            models.CheckConstraint(
                condition=Q(list_price_lek__gt=0, validity_days__gt=0), name="package_has_a_price"
            ),
        ]

    @property
    def benefits(self) -> str:
        """What it gives, in the language in use."""
        return self.benefits_en if get_language() == "en" else self.benefits_sq

    def __str__(self) -> str:
        return self.name


class DeclarationChannel(models.TextChoices):
    """How the Fixed Leader declares (R3)."""

    STORE = "store", _("store")
    ONLINE = "online", _("online")


class Declaration(models.Model):
    """The Fixed Leader's recorded word that names the Mobile Leader (R3)."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="declarations")
    group = models.ForeignKey(Group, models.PROTECT, related_name="declarations")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="declarations")
    channel = models.CharField(_("channel"), max_length=10, choices=DeclarationChannel)
    signatory_name = models.CharField(_("signed by"), max_length=200)
    evidence = models.CharField(_("evidence"), max_length=300)
    declared_at = models.DateTimeField(_("declared at"))
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="declarations")

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
        ]

    @property
    def reference(self) -> str:
        """What is printed and asked for: D-2231."""
        return f"D-{self.pk}"

    def __str__(self) -> str:
        return self.reference


class DeclarationPaper(models.Model):
    """A Declaration's PDF as it was made, once: the bytes that were shown are shown for ever."""

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
        """Not ended, membership current, group open; it may be frozen."""
        return self.filter(ended_at=None, member__left_on=None, group__closed_on=None)

    def in_force(self) -> Self:
        """R4: not ended, not frozen, membership current, group open."""
        frozen = LeaderFreeze.objects.filter(assignment=models.OuterRef("pk"), ended_at=None)
        return self.standing().filter(~models.Exists(frozen))


class LeaderAssignment(models.Model):
    """Who is Mobile Leader, since when, by which Declaration, until when and why (R4)."""

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


class FreezeCause(models.TextChoices):
    """Why a Mobile Leader waits: the Fixed Leader's word, or what the CRM told (R26)."""

    FIXED_LEADER = "fixed_leader", _("the Fixed Leader asked for it")
    PORTED = "ported", _("the number was ported")
    REASSIGNED = "reassigned", _("the number was given to somebody else")
    SIM_SWAPPED = "sim_swapped", _("the SIM card was changed")


class LeaderFreeze(models.Model):
    """A Mobile Leader told to wait, from when, why, and until when (R4, R26)."""

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
            # R26: what the CRM stopped goes on only by something that can be shown.
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(cause="fixed_leader")
                | (Q(ended_evidence__isnull=False) & ~Q(ended_evidence="")),
                name="freeze_by_the_crm_ends_by_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.frozen_at:%Y-%m-%d %H:%M}"


class PromotionKind(models.TextChoices):
    PERCENT = "percent", _("percent off")
    AMOUNT = "amount", _("Lek off")


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def valid_on(self, day: date) -> Self:
        """Promotions of that day; `valid_to` is the last day."""
        return self.filter(valid_from__lte=day, valid_to__gte=day)


class Promotion(models.Model):
    """A number's promotion outside Klik-ON, told by the CRM; set aside by Klik-ON (R8).

    `package_code` is a package's code, or * for every package. `valid_to` is the last day.
    """

    msisdn = models.CharField(_("mobile number"), max_length=16)
    package_code = models.CharField(_("package"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=PromotionKind)
    value = models.PositiveIntegerField(_("value"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"))

    objects = PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["msisdn", "package_code", "kind", "value", "valid_from"],
                name="promotion_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="promotion_valid_at_least_a_day"
            ),
            models.CheckConstraint(
                condition=Q(kind="percent", value__gte=1, value__lte=100)
                | Q(kind="amount", value__gte=1),
                name="promotion_value_makes_sense",
            ),
            models.CheckConstraint(
                condition=Q(msisdn__regex=rf"^\+355{phone.MOBILE_SHAPE}$"),
                name="promotion_msisdn_e164",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package_code} {self.kind} {self.value}"


class OwnLimit(models.Model):
    """A lower monthly limit that the payer set for the group or for one member (R27).

    Append-only: a new limit ends the one before. `member` empty: for the whole group.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="own_limits")
    member = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="own_limits"
    )
    limit_lek = models.PositiveIntegerField(_("limit a month, Lek"))
    set_at = models.DateTimeField(_("set at"))
    set_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("own limit")
        verbose_name_plural = _("own limits")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(ended_at=None, member=None),
                name="own_limit_one_a_group",
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(ended_at=None), name="own_limit_one_a_member"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("set_at")),
                name="own_limit_ends_after_it_was_set",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.limit_lek}"


class Activation(models.Model):
    """One package given to one member through Klik-ON. Everything that counted is frozen here."""

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="activations", db_index=False
    )
    group = models.ForeignKey(Group, models.PROTECT, related_name="activations", db_index=False)
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="activation")
    reference = models.CharField(_("reference"), max_length=20)
    leader = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(
        Membership, models.PROTECT, related_name="activations", db_index=False
    )
    package = models.ForeignKey(Package, models.PROTECT, related_name="+", db_index=False)
    package_code = models.CharField(_("package"), max_length=20)
    list_price_lek = models.PositiveIntegerField(_("price in the shop, Lek"))
    discount_lek = models.PositiveIntegerField(_("discount, Lek"))
    charged_lek = models.PositiveIntegerField(_("charged, Lek"))
    month = models.DateField(_("month"))
    accepted_at = models.DateTimeField(_("accepted at"))
    spent_after = models.PositiveIntegerField(_("spent after it, Lek"))
    room_left = models.PositiveIntegerField(_("room left, Lek"))
    terms = models.ForeignKey(TermsVersion, models.PROTECT, related_name="+", db_index=False)
    promotions_set_aside = models.JSONField(_("promotions set aside"), default=list)
    repeat_confirmed = models.BooleanField(_("asked again and confirmed"), default=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    client = models.CharField(max_length=60)
    key = models.CharField(max_length=100)
    content_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("activation")
        verbose_name_plural = _("activations")
        default_permissions = ("view",)
        permissions = [("activate_on_behalf", "Can activate at the Mobile Leader's request")]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="activation_key_once"),
            models.UniqueConstraint(fields=["reference"], name="activation_reference_once"),
            models.CheckConstraint(
                condition=Q(charged_lek=F("list_price_lek") - F("discount_lek")),
                name="activation_price_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["contract", "-accepted_at"]),
            models.Index(fields=["member", "-accepted_at"]),
        ]

    def __str__(self) -> str:
        return self.reference


class RefusedActivation(models.Model):
    """A “no” that was given, kept so that a repeated request hears the same (R21)."""

    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="+")
    client = models.CharField(max_length=60)
    key = models.CharField(max_length=100)
    content_hash = models.CharField(max_length=64)
    code = models.CharField(max_length=40)
    details = models.JSONField(default=dict)
    leader_msisdn = models.CharField(max_length=16)
    member_msisdn = models.CharField(max_length=16)
    package_code = models.CharField(max_length=20)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField(_("refused at"))

    class Meta:
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="refusal_key_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.refused_at:%Y-%m-%d %H:%M}"
