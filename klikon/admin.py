"""Registers of packages, activations, refusals, Declarations and Mobile Leaders."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from klikon.activation.refusals import BY_CODE
from klikon.activation.waiting import WaitingForTheFixedLeader, first_answer
from klikon.catalogue.promotions import EVERY_PACKAGE
from klikon.models import (
    Activation,
    Declaration,
    LeaderAssignment,
    LeaderFreeze,
    OwnLimit,
    Package,
    Promotion,
    PromotionKind,
    RefusedActivation,
)
from klikon.payer import asking_admin  # noqa: F401 - registers of their own
from superfamilja.clock import portal_clock
from superfamilja.values import phone
from superfamilja.values.lek import lek
from superfamilja.values.months import local_date
from superfamilja.web.read_only import ReadOnlyAdmin, filter_by, link, list_link, shown


@admin.register(Package)
class PackageAdmin(ReadOnlyAdmin):
    """The catalogue as history: each price is a row of its own."""

    list_display = (
        "code",
        "name",
        "list_price_lek",
        "validity_days",
        "on_sale_from",
        "on_sale_until",
    )
    list_filter = ("family",)
    ordering = ("code", "-on_sale_from")


@admin.register(Activation)
class ActivationAdmin(ReadOnlyAdmin):
    list_display = ("reference", "accepted_at", "package_code", "charged", "channel", "contract")
    list_filter = ("channel", "month")
    list_select_related = ("contract",)
    filters_by_id = ("contract", "member")
    ordering = ("-pk",)
    fields = (
        "reference",
        "contract_link",
        "charge_link",
        "entry_link",
        "leader_link",
        "member_link",
        "package_link",
        "list_price_lek",
        "discount_lek",
        "charged_lek",
        "month",
        "accepted_at",
        "spent_after",
        "room_left",
        "order_link",
        "terms_link",
        "set_aside",
        "channel",
        "staff",
        "reason",
    )
    contract_link = shown("contract", _("contract"))
    charge_link = shown("charge", _("charge"))
    leader_link = shown("leader", _("Mobile Leader"))
    member_link = shown("member", _("member"))
    package_link = shown("package", _("package"))
    terms_link = shown("terms", _("terms version"))
    staff = shown("actor", _("member of staff"))

    def get_queryset(self, request: Any) -> Any:
        return (
            super()
            .get_queryset(request)
            .select_related(
                "contract",
                "charge__entry",
                "leader",
                "member",
                "package",
                "terms",
                "actor",
                "order",
            )
        )

    @admin.display(description=_("charged"))
    def charged(self, activation: Activation) -> str:
        return lek(activation.charged_lek)

    @admin.display(description=_("promotions set aside"))
    def set_aside(self, activation: Activation) -> str:
        return (
            ", ".join(_off(p["kind"], p["value"]) for p in activation.promotions_set_aside) or "—"
        )

    @admin.display(description=_("bill entry"))
    def entry_link(self, activation: Activation) -> SafeString | str:
        return link(activation.charge.entry)

    @admin.display(description=_("delivery"))
    def order_link(self, activation: Activation) -> SafeString | str:
        order = getattr(activation, "order", None)
        return link(order, order.get_state_display() if order else "")


# A second key for what already waits is stored among them (R28).
_CODES = [*BY_CODE, WaitingForTheFixedLeader.code]


@admin.register(RefusedActivation)
class RefusedActivationAdmin(ReadOnlyAdmin):
    """Refused activations, with the words that the caller got. Numbers are masked."""

    list_display = ("refused_at", "code_shown", "package_asked", "channel", "contract_link")
    list_filter = (filter_by("code", _("refusal"), [(code, code) for code in _CODES]), "channel")
    list_select_related = ("contract",)
    filters_by_id = ("contract",)
    ordering = ("-pk",)
    fields = (
        "refused_at",
        "words",
        "contract_link",
        "leader_number",
        "member_number",
        "package_asked",
        "channel",
        "staff",
    )
    contract_link = shown("contract", _("contract"))
    code_shown = shown("code", _("refusal"))
    package_asked = shown("package_code", _("package"))
    staff = shown("actor", _("member of staff"))

    @admin.display(description=_("what was said"))
    def words(self, refused: RefusedActivation) -> str:
        return first_answer(refused).text()

    @admin.display(description=_("Mobile Leader"))
    def leader_number(self, refused: RefusedActivation) -> str:
        return phone.masked(refused.leader_msisdn)

    @admin.display(description=_("member"))
    def member_number(self, refused: RefusedActivation) -> str:
        return phone.masked(refused.member_msisdn)


@admin.register(Declaration)
class DeclarationAdmin(ReadOnlyAdmin):
    list_display = ("reference", "declared_at", "channel", "contract")
    list_filter = ("channel",)
    list_select_related = ("contract",)
    filters_by_id = ("contract", "group")
    ordering = ("-declared_at",)
    fields = (
        "reference",
        "contract_link",
        "assignment_link",
        "member_link",
        "channel",
        "signatory_name",
        "evidence",
        "declared_at",
        "staff",
    )
    contract_link = shown("contract", _("contract"))
    member_link = shown("member", _("member"))
    staff = shown("recorded_by", _("recorded by"))

    @admin.display(description=_("reference"))
    def reference(self, declaration: Declaration) -> str:
        return declaration.reference

    @admin.display(description=_("Mobile Leader"))
    def assignment_link(self, declaration: Declaration) -> SafeString | str:
        return link(getattr(declaration, "assignment", None))


@admin.register(LeaderAssignment)
class LeaderAssignmentAdmin(ReadOnlyAdmin):
    list_display = ("member_shown", "assigned_at", "ended_at", "declaration_link")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("member", "declaration")
    filters_by_id = ("group", "member")
    ordering = ("-pk",)
    fields = (
        "member_link",
        "contract_link",
        "declaration_link",
        "assigned_at",
        "ended_at",
        "why_ended",
        "freezes",
    )
    member_link = shown("member", _("member"))
    declaration_link = shown("declaration", _("Declaration"))

    def get_queryset(self, request: Any) -> Any:
        return (
            super().get_queryset(request).select_related("member", "declaration", "group__contract")
        )

    @admin.display(description=_("member"), ordering="member")
    def member_shown(self, assignment: LeaderAssignment) -> str:
        return str(assignment.member)

    @admin.display(description=_("contract"))
    def contract_link(self, assignment: LeaderAssignment) -> SafeString | str:
        return link(assignment.group.contract)

    @admin.display(description=_("why it ended"))
    def why_ended(self, assignment: LeaderAssignment) -> str:
        return _said(assignment.ended_reason)

    @admin.display(description=_("stopped for a time"))
    def freezes(self, assignment: LeaderAssignment) -> SafeString:
        return list_link(LeaderFreeze, str(_("All stops")), assignment=assignment.pk)


@admin.register(LeaderFreeze)
class LeaderFreezeAdmin(ReadOnlyAdmin):
    list_display = ("frozen_at", "cause", "ended_at", "reason", "leader")
    list_select_related = ("assignment__member",)
    filters_by_id = ("assignment",)
    ordering = ("-pk",)
    fields = (
        "leader",
        "frozen_at",
        "cause",
        "reason",
        "stopped_by",
        "ended_at",
        "allowed_by",
        "why_allowed",
    )
    leader = shown("assignment", _("Mobile Leader"))
    stopped_by = shown("frozen_by", _("stopped by"))
    allowed_by = shown("ended_by", _("allowed again by"))

    @admin.display(description=_("what allowed it again"))
    def why_allowed(self, freeze: LeaderFreeze) -> str:
        return _said(freeze.ended_evidence)


class ValidityFilter(admin.SimpleListFilter):
    """Filter: valid now, expired or future; `valid_to` is the last day."""

    title = _("validity")
    parameter_name = "validity"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("now", gettext("valid now")),
            ("over", gettext("over")),
            ("later", gettext("still to come")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        today = local_date(portal_clock.now())
        if self.value() == "now":
            return queryset.valid_on(today)
        if self.value() == "over":
            return queryset.filter(valid_to__lt=today)
        return queryset.filter(valid_from__gt=today) if self.value() == "later" else queryset


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    """Promotions of numbers outside Klik-ON (R8). Numbers are masked, and in no address."""

    list_display = ("number", "package_shown", "off", "valid_from", "valid_to")
    list_filter = (filter_by("kind", _("kind"), PromotionKind.choices), ValidityFilter)
    ordering = ("-pk",)
    fields = list_display

    @admin.display(description=_("mobile number"))
    def number(self, promotion: Promotion) -> str:
        return phone.masked(promotion.msisdn)

    @admin.display(description=_("package"), ordering="package_code")
    def package_shown(self, promotion: Promotion) -> str:
        every = promotion.package_code == EVERY_PACKAGE
        return gettext("every package") if every else promotion.package_code

    @admin.display(description=_("promotion"))
    def off(self, promotion: Promotion) -> str:
        return _off(promotion.kind, promotion.value)


@admin.register(OwnLimit)
class OwnLimitAdmin(ReadOnlyAdmin):
    """The payer's own limits, past ones included (R27)."""

    list_display = ("contract_shown", "whom", "limit", "set_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("group__contract", "member")
    filters_by_id = ("group", "member")
    ordering = ("-pk",)
    fields = ("contract_link", "whom", "limit", "set_at", "staff", "ended_at")
    staff = shown("set_by", _("member of staff"))

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("group__contract", "member", "set_by")

    @admin.display(description=_("contract"))
    def contract_shown(self, own: OwnLimit) -> str:
        return own.group.contract.number

    @admin.display(description=_("contract"))
    def contract_link(self, own: OwnLimit) -> SafeString | str:
        return link(own.group.contract)

    @admin.display(description=_("limit for"))
    def whom(self, own: OwnLimit) -> str:
        return str(own.member) if own.member else gettext("the whole group")

    @admin.display(description=_("limit a month"), ordering="limit_lek")
    def limit(self, own: OwnLimit) -> str:
        return lek(own.limit_lek)


def _said(words: str | None) -> str:
    """Return our own words in the page's language; a person's words unchanged."""
    return gettext(words) if words else "—"


def _off(kind: str, value: int) -> str:
    """Return a promotion in one word: −30 %, −150 Lekë."""
    return f"−{value} %" if kind == PromotionKind.PERCENT else f"−{lek(value)}"
