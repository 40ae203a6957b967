"""Looking after staff: every change is a verb of `staff.py`, with a reason."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import User
from superfamilja.read_only import ReadOnlyAdmin, filter_by, shown
from superfamilja.refusal import Refusal

ROLES = [(role, _(role)) for role in roles.PERMISSIONS]


class ReasonForm(forms.Form):
    """Why: it stands in the history."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))


class RoleForm(forms.Form):
    """A role, and the store where it is a store's."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    store_code = forms.CharField(
        label=_("Code of the store (for store roles)"), max_length=20, required=False
    )
    reason = ReasonForm.base_fields["reason"]


class NewStaffForm(forms.Form):
    """A new member of staff."""

    username = forms.CharField(
        label=_("Username"), max_length=150, validators=[UnicodeUsernameValidator()]
    )
    name = forms.CharField(label=_("Name and surname"), max_length=150)
    role = RoleForm.base_fields["role"]
    store_code = RoleForm.base_fields["store_code"]
    reason = ReasonForm.base_fields["reason"]


class StaffAct(NamedTuple):
    """One thing that an administrator does to a member of staff."""

    title: str | Promise
    form: type[forms.Form]
    do: Callable[..., str | None]


ACTS = {
    "disable": StaffAct(_("Disable the account"), ReasonForm, staff.disable_staff),
    "enable": StaffAct(_("Let in again"), ReasonForm, staff.enable_staff),
    "role": StaffAct(_("Change the role"), RoleForm, staff.change_role),
    "password": StaffAct(_("Give a temporary password"), ReasonForm, staff.give_temporary_password),
    "second-factor": StaffAct(
        _("Forget the lost second factor"), ReasonForm, staff.reset_second_factor
    ),
}


@admin.register(User)
class StaffAdmin(ReadOnlyAdmin):
    """Reading is the admin's; every act is a page of its own."""

    pages = ("_changelist", "_change", "_add")

    list_display = ("username", "name", "role", "store", "is_active")
    list_filter = ("is_active", filter_by("groups__name", _("role"), ROLES))
    ordering = ("username",)
    fields = readonly_fields = (
        "username", "name", "role", "store", "is_active", "last_login", "date_joined",
    )  # fmt: skip
    name = shown("shown_name", _("name and surname"), sortable=False)
    store = shown("store_code", _("store"))

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        return ", ".join(gettext(group.name) for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(is_staff=True).prefetch_related("groups")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("accounts.add_user")

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act_view)
        return [
            path("<int:pk>/act/<slug:act>/", act, name="accounts_user_act"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        may = request.user.has_perm("accounts.change_user") and object_id != str(request.user.pk)
        acts = [(slug, act.title) for slug, act in ACTS.items()] if may else []
        context = {**(extra_context or {}), "staff_acts": acts}
        return super().change_view(request, object_id, form_url, context)

    @method_decorator(never_cache)
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._page(request, _("New member of staff"), NewStaffForm, _create)

    @method_decorator(never_cache)
    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        if not request.user.has_perm("accounts.change_user"):
            raise PermissionDenied
        if act not in ACTS:
            raise Http404
        user = get_object_or_404(self.get_queryset(request), pk=pk)
        title, form, do = ACTS[act]
        return self._page(request, title, form, lambda **typed: do(user=user, **typed), user)

    def _page(
        self,
        request: HttpRequest,
        title: str | Promise,
        form_class: type[forms.Form],
        do: Callable[..., str | None],
        user: User | None = None,
    ) -> HttpResponse:
        """Ask, do, answer; a temporary password is shown here and nowhere else."""
        role = staff.roles_of(user)[:1] if user else []
        initial = {"role": role[0], "store_code": user.store_code} if user and role else {}
        form = form_class(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                password = do(actor=request.user, at=timezone.now(), **form.cleaned_data)
            except Refusal as refusal:
                form.add_error(None, refusal.text())
            else:
                if password is None:
                    return redirect("admin:accounts_user_changelist")
                return render(request, "account/told_once.html", {"password": password})
        return render(
            request, "account/staff_act.html", {"form": form, "title": title, "person": user}
        )


def _create(**typed: Any) -> str:
    return staff.create_staff(**typed).temporary_password
