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
from klikon.refusals import BY_CODE
from superfamilja import phone
from superfamilja.lek import lek
from superfamilja.read_only import ReadOnlyAdmin, link, list_link


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
        "reference", "contract_link", "charge_link", "entry_link", "leader", "member", "package",
        "list_price_lek", "discount_lek", "charged_lek", "month", "accepted_at", "spent_after",
        "room_left", "terms_link", "promotions_set_aside", "channel", "actor", "reason",
    )  # fmt: skip

    def get_queryset(self, request: Any) -> Any:
        return (
            super()
            .get_queryset(request)
            .select_related("contract", "charge__entry", "leader", "member", "package", "terms")
        )

    @admin.display(description=_("charged"))
    def charged(self, activation: Activation) -> str:
        return lek(activation.charged_lek)

    @admin.display(description=_("contract"))
    def contract_link(self, activation: Activation) -> SafeString | str:
        return link(activation.contract)

    @admin.display(description=_("charge"))
    def charge_link(self, activation: Activation) -> SafeString | str:
        return link(activation.charge)

    @admin.display(description=_("bill entry"))
    def entry_link(self, activation: Activation) -> SafeString | str:
        return link(activation.charge.entry)

    @admin.display(description=_("terms version"))
    def terms_link(self, activation: Activation) -> SafeString | str:
        return link(activation.terms)


@admin.register(RefusedActivation)
class RefusedActivationAdmin(ReadOnlyAdmin):
    """What was refused, in the words that were heard. Numbers are masked."""

    list_display = ("refused_at", "code", "package_code", "channel", "contract")
    list_filter = ("code", "channel")
    list_select_related = ("contract",)
    filters_by_id = ("contract",)
    ordering = ("-pk",)
    fields = (
        "refused_at", "words", "contract_link", "leader_number", "member_number", "package_code",
        "channel", "actor",
    )  # fmt: skip

    @admin.display(description=_("what was said"))
    def words(self, refused: RefusedActivation) -> str:
        return BY_CODE[refused.code](**refused.details).text()

    @admin.display(description=_("contract"))
    def contract_link(self, refused: RefusedActivation) -> SafeString | str:
        return link(refused.contract)

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
        "reference", "contract_link", "assignment_link", "member", "channel", "signatory_name",
        "evidence", "declared_at", "recorded_by",
    )  # fmt: skip

    @admin.display(description=_("reference"))
    def reference(self, declaration: Declaration) -> str:
        return declaration.reference

    @admin.display(description=_("contract"))
    def contract_link(self, declaration: Declaration) -> SafeString | str:
        return link(declaration.contract)

    @admin.display(description=_("Mobile Leader"))
    def assignment_link(self, declaration: Declaration) -> SafeString | str:
        return link(getattr(declaration, "assignment", None))


@admin.register(LeaderAssignment)
class LeaderAssignmentAdmin(ReadOnlyAdmin):
    list_display = ("member", "assigned_at", "ended_at", "declaration")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("member", "declaration")
    filters_by_id = ("group", "member")
    ordering = ("-pk",)
    fields = ("member", "contract_link", "declaration_link", "assigned_at", "ended_at",
              "ended_reason", "freezes")  # fmt: skip

    def get_queryset(self, request: Any) -> Any:
        return (
            super().get_queryset(request).select_related("member", "declaration", "group__contract")
        )

    @admin.display(description=_("contract"))
    def contract_link(self, assignment: LeaderAssignment) -> SafeString | str:
        return link(assignment.group.contract)

    @admin.display(description=_("Declaration"))
    def declaration_link(self, assignment: LeaderAssignment) -> SafeString | str:
        return link(assignment.declaration)

    @admin.display(description=_("stopped for a time"))
    def freezes(self, assignment: LeaderAssignment) -> SafeString:
        return list_link(LeaderFreeze, str(_("All stops")), assignment=assignment.pk)


@admin.register(LeaderFreeze)
class LeaderFreezeAdmin(ReadOnlyAdmin):
    list_display = ("assignment", "frozen_at", "ended_at", "reason")
    list_select_related = ("assignment__member",)
    filters_by_id = ("assignment",)
    ordering = ("-pk",)
