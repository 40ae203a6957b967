"""Packages, the Mobile Leader, limits, activations and refusals; each row is written once."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.models import Charge, ChargeState
from groups.models import Contract, Group, Membership, TermsVersion
from superfamilja.accounts.models import User
from superfamilja.data.clean_text import CleanText
from superfamilja.values import phone

SUPER = "super"  # the family of packages that Klik-ON sells (R5)


class Channel(models.TextChoices):
    """The channel of a request."""

    IVR = "ivr", _("call to 130")
    WEB = "web", _("portal")
    STORE = "store", _("store")
    STAFF = "staff", _("staff")
    API = "api", "API"


class PackageQuerySet(models.QuerySet["Package"]):
    def on_sale(self, day: date) -> Self:
        """Return the version of each package that was on sale on that day, cheapest first."""
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
    """A package as sold from a date; a changed price is a new row. `on_sale_until` is exclusive."""

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
        permissions = [("correct_price", "Can put a wrong price right")]
        constraints = [
            models.UniqueConstraint(fields=["code", "on_sale_from"], name="package_version_once"),
            models.CheckConstraint(
                condition=Q(on_sale_until=None) | Q(on_sale_until__gt=F("on_sale_from")),
                name="package_sold_at_least_a_day",
            ),
            models.CheckConstraint(
                condition=Q(list_price_lek__gt=0, validity_days__gt=0), name="package_has_a_price"
            ),
            CleanText(lines=["name"], codes=["code", "sms_code"], name="package_texts_clean"),
        ]

    @property
    def benefits(self) -> str:
        """Return what it gives, in the current language."""
        return self.benefits_en if get_language() == "en" else self.benefits_sq

    def __str__(self) -> str:
        return self.name


class PromotionKind(models.TextChoices):
    PERCENT = "percent", _("percent off")
    AMOUNT = "amount", _("Lek off")


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def valid_on(self, day: date) -> Self:
        """Return promotions of that day; `valid_to` is the last day."""
        return self.filter(valid_from__lte=day, valid_to__gte=day)


class Promotion(models.Model):
    """A number's promotion outside Klik-ON, as the CRM told it; Klik-ON sets it aside (R8).

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
            CleanText(codes=["package_code"], name="promotion_texts_clean"),
        ]

    def __str__(self) -> str:
        return f"{self.package_code} {self.kind} {self.value}"


def lowest_limit_lek(cap_lek: int, *own: int | None) -> int:
    """Return the lowest of the cap and the payer's limits (R27); None is a limit not set."""
    return min([cap_lek, *(limit_lek for limit_lek in own if limit_lek is not None)])


class OwnLimitQuerySet(models.QuerySet["OwnLimit"]):
    def standing(self, group: Group, member: Membership | None = None) -> Self:
        """Return the limit in force for the group, or for this member; at most one."""
        return self.filter(group=group, member=member, ended_at=None)

    def group_limit_lek(self, group: Group, cap_lek: int) -> int:
        """Return what the group may spend a month: the cap, or the payer's lower limit."""
        own = self.standing(group).first()
        return lowest_limit_lek(cap_lek, own.limit_lek if own else None)


class OwnLimit(models.Model):
    """A lower monthly limit that the payer set for the group or for one member (R27).

    Append-only: a new limit ends the one before. An empty `member` means the whole group.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="own_limits")
    member = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="own_limits"
    )
    limit_lek = models.PositiveIntegerField(_("limit a month, Lek"))
    set_at = models.DateTimeField(_("set at"))
    set_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = OwnLimitQuerySet.as_manager()

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


class ActivationQuerySet(models.QuerySet["Activation"]):
    def counted(self) -> Self:
        """Return activations that count against the cap: charge not reversed (R10, R13)."""
        return self.exclude(charge__state=ChargeState.REVERSED)


class Activation(models.Model):
    """A package given to a member through Klik-ON. Everything that counted then is frozen here."""

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

    objects = ActivationQuerySet.as_manager()

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
    """A refusal, stored so that a repeated request gets the same answer (R21)."""

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
