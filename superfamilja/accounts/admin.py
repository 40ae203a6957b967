"""Manage staff in the admin: every change is a verb of `staff.py`, with a reason."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import AccountAct, Store, User
from superfamilja.accounts.refusals import SecondAdministratorNeeded
from superfamilja.accounts.requests import account_requests, request_pages
from superfamilja.accounts.second_person import powers
from superfamilja.accounts.site.act_register import ActRegister, RegisterAct, RegisterReasonForm
from superfamilja.accounts.store_register import store_admin  # noqa: F401 - a register of its own
from superfamilja.clock import portal_clock
from superfamilja.values import phone
from superfamilja.values.phone_field import MobileField
from superfamilja.values.text_field import LineField
from superfamilja.web.form_layout import FieldsFormHelper, LaidOutForm
from superfamilja.web.read_only import filter_by, shown

ROLES = [(role, _(role)) for role in roles.PERMISSIONS]


class StoresForm(LaidOutForm):
    """The shops in which somebody works."""

    helper = FieldsFormHelper("stores", "reason")

    stores = forms.ModelMultipleChoiceField(
        Store.objects.filter(is_active=True),
        label=_("Shops"),
        required=False,
        help_text=_("For clerks and managers of shops; nobody else has any."),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = RegisterReasonForm.base_fields["reason"]


class RoleForm(LaidOutForm):
    """A role, and its shops when it is a role in a shop."""

    helper = FieldsFormHelper("role", "stores", "reason")

    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    stores = StoresForm.base_fields["stores"]
    reason = RegisterReasonForm.base_fields["reason"]


class StaffMobileField(MobileField):
    """A mobile number, or nothing."""

    def clean(self, value: Any) -> str:
        return super().clean(value) if value or self.required else ""


class NewStaffForm(LaidOutForm):
    """A new member of staff."""

    helper = FieldsFormHelper("username", "name", "mobile", "role", "stores", "reason")

    username = LineField(
        label=_("Username"), max_length=150, validators=[UnicodeUsernameValidator()]
    )
    name = LineField(label=_("Name and surname"), max_length=150)
    mobile = StaffMobileField(
        label=_("Mobile number"),
        required=False,
        help_text=_("The person's own. What happens to the account is told there."),
    )
    role = RoleForm.base_fields["role"]
    stores = StoresForm.base_fields["stores"]
    reason = RegisterReasonForm.base_fields["reason"]


class MobileForm(LaidOutForm):
    """The number that receives SMS about the account."""

    helper = FieldsFormHelper("mobile", "reason")

    mobile = NewStaffForm.base_fields["mobile"]
    reason = RegisterReasonForm.base_fields["reason"]


def alone_or_asked(act: AccountAct, verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return the act of one administrator, or the request to another where two are needed (R35)."""

    def do(**how: Any) -> Any:
        try:
            return verb(**how)
        except SecondAdministratorNeeded:
            return account_requests.ask(act=act, **how)

    return do


@admin.register(User)
class StaffAdmin(ActRegister):
    """The register of staff.

    Nobody changes their own account; a temporary password is shown once.
    """

    subject = "user"
    make = RegisterAct(
        _("New member of staff"),
        NewStaffForm,
        alone_or_asked(AccountAct.CREATE, staff.create_staff),
    )
    acts = {
        "disable": RegisterAct(_("Disable the account"), RegisterReasonForm, staff.disable_staff),
        **{
            act.value: RegisterAct(act.label, form, alone_or_asked(act, verb))
            for act, form, verb in (
                (AccountAct.ENABLE, RegisterReasonForm, staff.enable_staff),
                (AccountAct.ROLE, RoleForm, staff.change_role),
                (AccountAct.MOVE, StoresForm, staff.move_staff),
                (AccountAct.CONTACT, MobileForm, staff.change_mobile),
                (AccountAct.PASSWORD, RegisterReasonForm, staff.give_temporary_password),
                (AccountAct.SECOND_FACTOR, RegisterReasonForm, staff.reset_second_factor),
            )
        },
    }

    list_display = ("username", "name", "role", "shops", "is_active")
    list_filter = ("is_active", filter_by("groups__name", _("role"), ROLES))
    filters_by_id = ("stores",)
    ordering = ("username",)
    fields = readonly_fields = (
        "username",
        "name",
        "role",
        "shops",
        "own_mobile",
        "is_active",
        "held",
        "last_login",
        "date_joined",
    )
    name = shown("shown_name", _("name and surname"), sortable=False)

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        return ", ".join(gettext(group.name) for group in user.groups.all())

    @admin.display(description=_("shops"))
    def shops(self, user: User) -> str:
        return ", ".join(str(store) for store in user.stores.all()) or "—"

    @admin.display(description=_("mobile number"))
    def own_mobile(self, user: User) -> str:
        return phone.masked(user.mobile) if user.mobile else "—"

    @admin.display(description=_("approves, credits and administers nothing until"))
    def held(self, user: User) -> Any:
        is_held = user.held_until is not None and user.held_until > portal_clock.now()
        return user.held_until if is_held else "—"

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

    def note(self, act: str, record: Any) -> str:
        if act == "disable":
            return ""
        decides = record is not None and powers.decides(record)
        if act in {"add", AccountAct.ROLE} and not decides:
            return gettext(
                "A role that approves, credits or administers is confirmed by another "
                "administrator; until then nothing changes."
            )
        if decides:
            return gettext(
                "This account approves, credits or administers: another administrator confirms "
                "what you ask for here, and the person is told at once."
            )
        return ""

    def done(self, request: HttpRequest, outcome: Any) -> HttpResponse:
        """Show the temporary password, only here, or say that the act waits for confirmation."""
        if isinstance(outcome, account_requests.RequestWithHalf):
            return request_pages.answer_asked(request, outcome)
        password = getattr(outcome, "temporary_password", outcome)
        if password is None:
            return super().done(request, outcome)
        return render(request, "account/told_once.html", {"password": password})
