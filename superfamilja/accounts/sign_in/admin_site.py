"""The staff's front page: one search box, and what this person's role may do."""

from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.db.models.base import ModelBase
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts import roles
from superfamilja.accounts.sign_in import second_factor
from superfamilja.clock import portal_clock

NOT_HERE = {"password_change", "password_change_done", "autocomplete", "view_on_site"}
# Our own apps. Registers of libraries are left out, because they would write without our verbs.
ROOMS = ("superfamilja.", "groups.", "billing.", "klikon.")


class StaffSite(AdminSite):
    site_title = site_header = "Klik-ON"
    index_title = _("Search")
    enable_nav_sidebar = False
    site_url = None

    def register(  # type: ignore[override]
        self, models: Any, admin_class: Any = None, **options: Any
    ) -> None:
        """Register the models of our apps; ignore all others."""
        given = [models] if isinstance(models, ModelBase) else models
        ours = [model for model in given if model.__module__.startswith(ROOMS)]
        super().register(ours, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Ask again what the gate asked already (accounts/sign_in/gate.py), for each page.

        Otherwise one missing line of settings would open it to a session without a second factor.
        """
        return super().has_permission(request) and second_factor.is_verified(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Leave out the stock pages that ignore our sign-in, and those that nobody needs."""
        return [p for p in super().get_urls() if getattr(p, "name", None) not in NOT_HERE]

    def account_requests_of(self, user: Any) -> int:
        """Return how many requests wait for this administrator; 0 for everybody else."""
        if not user.has_perm("accounts.change_user"):
            return 0
        model = apps.get_model("accounts", "AccountRequest")
        waiting = model._default_manager.standing(portal_clock.now())
        return int(waiting.exclude(asked_by=user).exclude(subject=user).count())

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        user = request.user
        names = user.groups.order_by("name").values_list("name", flat=True)
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "app_list": self.get_app_list(request),
            "account_requests": self.account_requests_of(user),
            "roles": [gettext(role) for role in names],
            "may": [
                gettext(words)
                for permission, words in roles.spoken_permissions()
                if user.has_perm(permission)
            ],
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)
