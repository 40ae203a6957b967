"""Contracts, groups, memberships as history, and the terms that bind them."""

from datetime import date, datetime
from typing import Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.models import User
from superfamilja.data.clean_text import CleanText
from superfamilja.values import names, phone


def _changes() -> tuple[pghistory.UpdateEvent, pghistory.DeleteEvent]:
    """Keep old versions of changed and deleted rows; an inserted row needs no second copy."""
    return pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent()


class ContractStatus(models.TextChoices):
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")


@pghistory.track(*_changes())
class Contract(models.Model):
    """A fixed contract, which gets the bill. The CRM is master of every field here."""

    number = models.CharField(_("contract"), max_length=40)
    fixed_number = models.CharField(_("fixed number"), max_length=16)
    status = models.CharField(_("status"), max_length=10, choices=ContractStatus)
    owner_nid = models.CharField(_("personal number"), max_length=10)
    owner_name = models.CharField(_("Fixed Leader"), max_length=200)
    contact_msisdn = models.CharField(_("contact mobile"), max_length=16)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    service_address = models.CharField(_("address"), max_length=300)
    store_code = models.CharField(_("store"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=2, default="sq", db_default="sq")

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["number"], name="contract_number_once"),
            models.CheckConstraint(
                condition=Q(status__in=ContractStatus.values), name="contract_status_known"
            ),
            models.CheckConstraint(
                condition=Q(fixed_number__regex=rf"^\+355{phone.FIXED_SHAPE}$"),
                name="contract_fixed_number_e164",
            ),
            models.CheckConstraint(
                condition=Q(contact_msisdn__regex=rf"^\+355{phone.MOBILE_SHAPE}$"),
                name="contract_contact_e164",
            ),
            CleanText(
                lines=["owner_name", "service_address"],
                codes=["number", "store_code"],
                name="contract_texts_clean",
            ),
            # R20: a fixed number belongs to one contract that has not ended.
            models.UniqueConstraint(
                fields=["fixed_number"],
                condition=~Q(status="ended"),
                name="contract_fixed_number_once",
            ),
        ]
        indexes = [
            models.Index(fields=["owner_nid"]),
            models.Index(fields=["contact_msisdn"]),
            GinIndex(names.words_of("owner_name"), name="contract_owner_words"),
        ]

    def __str__(self) -> str:
        return self.number

    def contact_was_another_since(self, moment: datetime) -> bool:
        """Return whether the contact mobile was another one at some time after that moment.

        A number that a file brought and an undo took back was given by nobody.
        """
        before = self.events.filter(pgh_created_at__gt=moment)  # type: ignore[attr-defined]
        of_undone = models.Func(
            F("moments"), function="unnest", output_field=models.DateTimeField()
        )
        undone = BaseImport.objects.filter(undone_at__isnull=False).values(moment=of_undone)
        before = before.exclude(pgh_created_at__in=undone)
        return bool(before.exclude(contact_msisdn=self.contact_msisdn).exists())


class ContactChangeQuerySet(models.QuerySet["ContactChange"]):
    def the_crm_is_behind(self) -> Self:
        """Return the changes that the CRM has neither confirmed nor overruled."""
        return self.filter(settled_at=None)


class ContactChange(models.Model):
    """A contact mobile that was changed here before the CRM, its master, knew of it.

    While the CRM's file carries a number that was replaced here, the CRM is behind and its number
    changes nothing (docs/adr/0013). The CRM settles the change: the same number confirms it
    (`crm_agrees`), any other number replaces it. Rows are only added, and settled once.
    """

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="contact_changes", db_index=False
    )
    before = models.CharField(_("number before"), max_length=16)
    after = models.CharField(_("new number"), max_length=16)
    evidence = models.CharField(_("what shows it"), max_length=300)
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    settled_at = models.DateTimeField(_("settled by the CRM"), null=True, blank=True)
    crm_agrees = models.BooleanField(_("the CRM agrees"), null=True, blank=True)

    objects = ContactChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a contact mobile")
        verbose_name_plural = _("changes of contact mobiles")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(before=F("after")), name="contact_change_to_another_number"
            ),
            models.CheckConstraint(
                condition=Q(after__regex=rf"^\+355{phone.MOBILE_SHAPE}$"),
                name="contact_change_e164",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, crm_agrees=None)
                | Q(settled_at__isnull=False, crm_agrees__isnull=False),
                name="contact_change_settled_either_way",
            ),
        ]
        indexes = [models.Index(fields=["contract", "-changed_at"])]

    def __str__(self) -> str:
        return f"{phone.masked(self.before)} → {phone.masked(self.after)}"


class DateInTirane(models.Func):
    """The date of a moment in Tirana, for constraints."""

    template = "((%(expressions)s AT TIME ZONE 'Europe/Tirane')::date)"
    output_field = models.DateField()


class ContactHoldCause(models.TextChoices):
    SECOND_PERSON = "second_person", _("by a paper that a second person saw")
    CRM = "crm", _("told by the CRM")


class ContactHold(models.Model):
    """The days after the contact mobile changed without a code to the old number (R31).

    `before` is the number that was proven last, `after` the contact of these days. The hold lasts
    until `until`. Once somebody said that the Fixed Leader did not change the number
    (`disputed_at`), it lasts until the contact is proven anew. Rows are only added; ended and
    disputed once.
    """

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="contact_holds", db_index=False
    )
    before = models.CharField(_("number before"), max_length=16)
    after = models.CharField(_("new number"), max_length=16)
    cause = models.CharField(_("how it changed"), max_length=20, choices=ContactHoldCause)
    began_at = models.DateTimeField(_("changed at"))
    until = models.DateTimeField(_("until"))
    disputed_at = models.DateTimeField(_("said to be wrong at"), null=True, blank=True)
    disputed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold after a change of the contact mobile")
        verbose_name_plural = _("holds after changes of contact mobiles")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["contract"], condition=Q(ended_at=None), name="contact_hold_one_a_contract"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("began_at")), name="contact_hold_lasts"),
            models.CheckConstraint(
                condition=Q(cause__in=ContactHoldCause.values), name="contact_hold_cause_known"
            ),
        ]
        indexes = [models.Index(fields=["contract", "-began_at"], name="contact_hold_of_contract")]

    def __str__(self) -> str:
        return f"{phone.masked(self.before)} → {phone.masked(self.after)}"


class GroupQuerySet(models.QuerySet["Group"]):
    def open(self) -> Self:
        """Return the groups that are not closed (R1)."""
        return self.filter(closed_on=None)


@pghistory.track(*_changes())
class Group(models.Model):
    """A SuperFamilja group of one contract. `closed_on` is exclusive; a group never moves.

    `opened_at` is the moment of its opening and decides which terms it begins with (R18). None
    means that only the date is known, from the subscriber file; then the first moment of that day
    counts. `closed_at` is the moment of its closing here.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="groups", db_index=False)
    opened_on = models.DateField(_("opened on"))
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        default_permissions = ("view",)
        permissions = [("serve_groups", "Can open and close groups, add and remove members")]
        constraints = [
            models.UniqueConstraint(
                fields=["contract"], condition=Q(closed_on=None), name="group_one_open_per_contract"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="group_closes_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(opened_on=DateInTirane("opened_at")),
                name="group_opened_at_on_its_day",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_on__isnull=False),
                name="group_closed_at_is_closed",
            ),
        ]
        indexes = [models.Index(fields=["contract", "-opened_on"])]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.opened_on}"


SEATS = range(1, 5)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> Self:
        """Return memberships that have not ended."""
        return self.filter(left_on=None)

    def in_force_on(self, day: date) -> Self:
        """Return memberships on that day; `left_on` is exclusive."""
        return self.filter(joined_on__lte=day).filter(Q(left_on=None) | Q(left_on__gt=day))


@pghistory.track(*_changes())
class Membership(models.Model):
    """A mobile number in a group, from `joined_on` until before `left_on`.

    `left_at` is the moment at which the membership ended here; waiting requests check it (R28).

    `seat` (one of SEATS) is the member's place: their colour, their order on the phone, and the
    reason why a fifth member is impossible. The terms limit the members, and may by now allow
    fewer. `called` is the payer's name for the member ("Vajza"). It appears on pages of the payer
    and the Mobile Leader and at the desk, never on a bill, in an SMS or a file.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="memberships")
    msisdn = models.CharField(_("mobile number"), max_length=16)
    name = models.CharField(_("name"), max_length=200)
    called = models.CharField(
        _("called by the payer"), max_length=30, blank=True, default="", db_default=""
    )
    plan = models.CharField(_("plan"), max_length=40)
    seat = models.PositiveSmallIntegerField(_("seat"))
    joined_on = models.DateField(_("joined on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)
    left_at = models.DateTimeField(_("left the group at"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["msisdn"], condition=Q(left_on=None), name="membership_one_group_a_number"
            ),
            models.UniqueConstraint(
                fields=["group", "seat"],
                condition=Q(left_on=None),
                name="membership_one_member_a_seat",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")),
                name="membership_leaves_after_joining",
            ),
            models.CheckConstraint(
                condition=Q(msisdn__regex=rf"^\+355{phone.MOBILE_SHAPE}$"),
                name="membership_msisdn_e164",
            ),
            models.CheckConstraint(
                condition=Q(seat__gte=1, seat__lte=4), name="membership_seat_within_group_size"
            ),
            CleanText(lines=["name", "called"], name="membership_texts_clean"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_on__isnull=False),
                name="membership_left_at_has_left",
            ),
        ]
        indexes = [models.Index(fields=["msisdn"])]

    def __str__(self) -> str:
        return f"{self.name} {phone.masked(self.msisdn)}"

    @property
    def known_as(self) -> str:
        """Return the payer's name for the member, or else the member's own name."""
        return self.called or self.name


class TermsVersion(models.Model):
    """A published version of the terms with its parameters (R19). New terms are a new row."""

    number = models.PositiveSmallIntegerField(_("version"), unique=True)
    published_at = models.DateTimeField(_("published"))
    text_sq = models.TextField()
    text_en = models.TextField()
    cap_lek = models.PositiveIntegerField(_("monthly cap, Lek"))
    discount_lek = models.PositiveIntegerField(_("discount, Lek"))
    smallest_list_price_lek = models.PositiveIntegerField(_("smallest package, Lek"))
    # R5: a shorter package is not monthly, whatever it costs.
    shortest_validity_days = models.PositiveSmallIntegerField(
        _("shortest package, days"), default=28, db_default=28
    )
    members_max = models.PositiveSmallIntegerField(_("members at most"))
    allowed_plans = ArrayField(models.CharField(max_length=40))
    channels = ArrayField(models.CharField(max_length=20))
    notice_days = models.PositiveSmallIntegerField(_("notice, days"))
    repeat_hours = models.PositiveSmallIntegerField(_("asks again within, hours"))
    # Above this price the phone channel asks for the PIN; None means never.
    pin_above_lek = models.PositiveIntegerField(_("PIN asked above, Lek"), null=True, blank=True)

    class Meta:
        verbose_name = _("terms version")
        verbose_name_plural = _("terms versions")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(members_max__gte=1, members_max__lte=4), name="terms_group_size"
            ),
            models.CheckConstraint(
                condition=Q(smallest_list_price_lek__gt=F("discount_lek")),
                name="terms_discount_below_smallest_price",
            ),
            models.CheckConstraint(
                condition=Q(shortest_validity_days__gte=1), name="terms_shortest_validity"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class TermsBinding(models.Model):
    """The moment from which newer terms bind this group (R18). Never edited."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="terms_bindings")
    terms = models.ForeignKey(TermsVersion, models.PROTECT)
    binds_from = models.DateTimeField(_("binds from"))

    class Meta:
        verbose_name = _("terms binding")
        verbose_name_plural = _("terms bindings")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["group", "terms"], name="terms_bind_a_group_once")
        ]

    def __str__(self) -> str:
        return f"{self.terms} → {self.group_id}"


class BaseImport(models.Model):
    """One run of the subscriber file: what a killed run needs to go on, and its figures.

    `…_brought` are the ids of the rows that it added (int8multirange as text), `moments` those of
    its transactions, by which the history tells what it changed. `undone_in` is the transaction
    that undid it: only that one may remove these rows.
    """

    file_sha256 = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=20)
    batches_done = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict)
    actor = models.ForeignKey(User, models.PROTECT, null=True)
    contracts_brought = models.TextField(default="{}", db_default="{}")
    groups_brought = models.TextField(default="{}", db_default="{}")
    members_brought = models.TextField(default="{}", db_default="{}")
    moments = ArrayField(models.DateTimeField(), default=list)
    undone_at = models.DateTimeField(null=True)
    undone_in = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        verbose_name = _("subscriber import")
        verbose_name_plural = _("subscriber imports")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.file_sha256[:8]} {self.step}"


# The model's own module is tries.py; Django finds it through this import.
from groups.tries import PersonalNumberTry  # noqa: E402, F401
