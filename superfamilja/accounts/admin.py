"""Looking after staff: every change is a verb of `staff.py`, with a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts import (
    roles,
    staff,
    store_admin,  # noqa: F401 - a register of its own
)
from superfamilja.accounts.act_register import ActRegister, ReasonForm, RegisterAct
from superfamilja.accounts.models import Store, User
from superfamilja.read_only import filter_by, shown
from superfamilja.text_field import LineField

ROLES = [(role, _(role)) for role in roles.PERMISSIONS]


class StoresForm(forms.Form):
    """The shops in which somebody works."""

    stores = forms.ModelMultipleChoiceField(
        Store.objects.filter(is_active=True), label=_("Shops"), required=False,
        help_text=_("For clerks and managers of shops; nobody else has any."),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    reason = ReasonForm.base_fields["reason"]


class RoleForm(forms.Form):
    """A role, and the shops where it is one of a shop."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    stores = StoresForm.base_fields["stores"]
    reason = ReasonForm.base_fields["reason"]


class NewStaffForm(forms.Form):
    """A new member of staff."""

    username = LineField(
        label=_("Username"), max_length=150, validators=[UnicodeUsernameValidator()]
    )
    name = LineField(label=_("Name and surname"), max_length=150)
    role = RoleForm.base_fields["role"]
    stores = StoresForm.base_fields["stores"]
    reason = ReasonForm.base_fields["reason"]


@admin.register(User)
class StaffAdmin(ActRegister):
    """The people. Nobody acts on himself; a temporary password is shown once."""

    subject = "user"
    make = RegisterAct(_("New member of staff"), NewStaffForm, staff.create_staff)
    acts = {
        "disable": RegisterAct(_("Disable the account"), ReasonForm, staff.disable_staff),
        "enable": RegisterAct(_("Let in again"), ReasonForm, staff.enable_staff),
        "role": RegisterAct(_("Change the role"), RoleForm, staff.change_role),
        "move": RegisterAct(_("Move to other shops"), StoresForm, staff.move_staff),
        "password": RegisterAct(
            _("Give a temporary password"), ReasonForm, staff.give_temporary_password
        ),
        "second-factor": RegisterAct(
            _("Forget the lost second factor"), ReasonForm, staff.reset_second_factor
        ),
    }

    list_display = ("username", "name", "role", "shops", "is_active")
    list_filter = ("is_active", filter_by("groups__name", _("role"), ROLES))
    filters_by_id = ("stores",)
    ordering = ("username",)
    fields = readonly_fields = (
        "username", "name", "role", "shops", "is_active", "last_login", "date_joined",
    )  # fmt: skip
    name = shown("shown_name", _("name and surname"), sortable=False)

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        return ", ".join(gettext(group.name) for group in user.groups.all())

    @admin.display(description=_("shops"))
    def shops(self, user: User) -> str:
        return ", ".join(str(store) for store in user.stores.all()) or "—"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people = super().get_queryset(request).filter(is_staff=True)
        return people.prefetch_related("groups", "stores")

    def acts_on(self, request: HttpRequest, record: Any) -> dict[str, RegisterAct]:
        if record.pk == request.user.pk:
            return {}
        idle = {"enable" if record.is_active else "disable"}
        if not set(staff.roles_of(record)).intersection(roles.IN_A_STORE):
            idle.add("move")
        acts = super().acts_on(request, record)
        return {slug: act for slug, act in acts.items() if slug not in idle}

    def initial(self, record: Any) -> dict[str, Any]:
        role = staff.roles_of(record)[:1]
        return {"role": role[0] if role else None, "stores": record.stores.all()}

    def done(self, request: HttpRequest, outcome: Any) -> HttpResponse:
        """A temporary password is shown here and nowhere else."""
        password = getattr(outcome, "temporary_password", outcome)
        if password is None:
            return super().done(request, outcome)
        return render(request, "account/told_once.html", {"password": password})
