"""Registers of contracts, groups, members and terms. The page of a contract is klikon's."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from groups.models import BaseImport, ContactChange, Contract, Group, Membership, TermsVersion
from groups.plans import PLANS
from superfamilja.values import phone
from superfamilja.web.read_only import ReadOnlyAdmin, filter_by, link, list_link, shown


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ("number", "owner_name", "status", "store_code")
    list_filter = ("status",)
    ordering = ("-pk",)

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("contract", pk=int(object_id)) if object_id.isdecimal() else redirect("../")


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    list_display = ("contract", "opened_on", "closed_on")
    list_select_related = ("contract",)
    list_filter = (("closed_on", admin.EmptyFieldListFilter),)
    filters_by_id = ("contract",)
    ordering = ("-pk",)
    fields = ("contract_link", "opened_on", "closed_on", "members")
    contract_link = shown("contract", _("contract"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("contract")

    @admin.display(description=_("members"))
    def members(self, group: Group) -> SafeString:
        return list_link(Membership, str(_("Members, past ones included")), group=group.pk)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("name", "number", "plan_shown", "seat", "joined_on", "left_on")
    list_filter = (filter_by("plan", _("plan"), PLANS), ("left_on", admin.EmptyFieldListFilter))
    filters_by_id = ("group",)
    ordering = ("-pk",)
    fields = (
        "group_link",
        "name",
        "called",
        "number",
        "plan_shown",
        "seat",
        "joined_on",
        "left_on",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("group__contract")

    @admin.display(description=_("mobile number"))
    def number(self, member: Membership) -> str:
        return phone.masked(member.msisdn)

    @admin.display(description=_("plan"), ordering="plan")
    def plan_shown(self, member: Membership) -> str:
        return str(dict(PLANS).get(member.plan, member.plan))

    @admin.display(description=_("contract"))
    def group_link(self, member: Membership) -> SafeString | str:
        return link(member.group.contract)


@admin.register(ContactChange)
class ContactChangeAdmin(ReadOnlyAdmin):
    """Changes of the contact mobile; staff who inform the CRM filter for those not settled."""

    list_display = ("contract", "numbers", "changed_at", "changed_by", "settled_at", "crm_agrees")
    list_select_related = ("contract", "changed_by")
    list_filter = (("settled_at", admin.EmptyFieldListFilter),)
    filters_by_id = ("contract",)
    ordering = ("-pk",)
    fields = (
        "contract_link",
        "new_number",
        "number_before",
        "evidence",
        "changed_at",
        "changed_by",
        "settled_at",
        "crm_agrees",
    )
    contract_link = shown("contract", _("contract"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("contract", "changed_by")

    @admin.display(description=_("numbers"))
    def numbers(self, change: ContactChange) -> str:
        return str(change)

    @admin.display(description=_("new number"))
    def new_number(self, change: ContactChange) -> str:
        return phone.spoken(change.after)

    @admin.display(description=_("number before"))
    def number_before(self, change: ContactChange) -> str:
        return phone.spoken(change.before)


@admin.register(TermsVersion)
class TermsVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "published_at",
        "cap_lek",
        "discount_lek",
        "shortest_validity_days",
        "members_max",
    )
    ordering = ("-number",)


@admin.register(BaseImport)
class BaseImportAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "step", "batches_done", "finished_at")
    ordering = ("-pk",)
