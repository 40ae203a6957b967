"""Registers of packages, activations, refusals, Declarations and Mobile Leaders."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from klikon.models import (
    Activation,
    Declaration,
    LeaderAssignment,
    LeaderFreeze,
    Package,
    RefusedActivation,
)
from klikon.pricing import PromotionTerms
from klikon.refusals import BY_CODE
from superfamilja import phone
from superfamilja.lek import lek
from superfamilja.read_only import ReadOnlyAdmin, filter_by, link, list_link, shown


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
        "reference", "contract_link", "charge_link", "entry_link", "leader_link", "member_link",
        "package_link",
        "list_price_lek", "discount_lek", "charged_lek", "month", "accepted_at", "spent_after",
        "room_left", "terms_link", "set_aside", "channel", "staff", "reason",
    )  # fmt: skip
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
                "contract", "charge__entry", "leader", "member", "package", "terms", "actor"
            )
        )

    @admin.display(description=_("charged"))
    def charged(self, activation: Activation) -> str:
        return lek(activation.charged_lek)

    @admin.display(description=_("promotions set aside"))
    def set_aside(self, activation: Activation) -> str:
        return ", ".join(_off(promotion) for promotion in activation.promotions_set_aside) or "—"

    @admin.display(description=_("bill entry"))
    def entry_link(self, activation: Activation) -> SafeString | str:
        return link(activation.charge.entry)


@admin.register(RefusedActivation)
class RefusedActivationAdmin(ReadOnlyAdmin):
    """What was refused, in the words that were heard. Numbers are masked."""

    list_display = ("refused_at", "code_shown", "package_asked", "channel", "contract_link")
    list_filter = (filter_by("code", _("refusal"), [(code, code) for code in BY_CODE]), "channel")
    list_select_related = ("contract",)
    filters_by_id = ("contract",)
    ordering = ("-pk",)
    fields = (
        "refused_at", "words", "contract_link", "leader_number", "member_number", "package_asked",
        "channel", "staff",
    )  # fmt: skip
    contract_link = shown("contract", _("contract"))
    code_shown = shown("code", _("refusal"))
    package_asked = shown("package_code", _("package"))
    staff = shown("actor", _("member of staff"))

    @admin.display(description=_("what was said"))
    def words(self, refused: RefusedActivation) -> str:
        return BY_CODE[refused.code](**refused.details).text()

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
    ordering = ("-pk",)
    fields = (
        "reference", "contract_link", "assignment_link", "channel", "signatory_name",
        "evidence", "declared_at", "staff",
    )  # fmt: skip
    contract_link = shown("contract", _("contract"))
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
    fields = ("member_link", "contract_link", "declaration_link", "assigned_at", "ended_at",
              "ended_reason", "freezes")  # fmt: skip
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

    @admin.display(description=_("stopped for a time"))
    def freezes(self, assignment: LeaderAssignment) -> SafeString:
        return list_link(LeaderFreeze, str(_("All stops")), assignment=assignment.pk)


@admin.register(LeaderFreeze)
class LeaderFreezeAdmin(ReadOnlyAdmin):
    list_display = ("frozen_at", "cause", "ended_at", "reason", "leader")
    list_select_related = ("assignment__member",)
    filters_by_id = ("assignment",)
    ordering = ("-pk",)
    fields = ("leader", "frozen_at", "cause", "reason", "stopped_by", "ended_at", "allowed_by",
              "ended_evidence")  # fmt: skip
    leader = shown("assignment", _("Mobile Leader"))
    stopped_by = shown("frozen_by", _("stopped by"))
    allowed_by = shown("ended_by", _("allowed again by"))


def _off(promotion: PromotionTerms) -> str:
    """A promotion in one word: −30 %, −150 Lekë."""
    if promotion["kind"] == "percent":
        return f"−{promotion['value']} %"
    return f"−{lek(promotion['value'])}"
