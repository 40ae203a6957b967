"""Show requests to administrators who confirm them, and notices to the owners of accounts."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from superfamilja.accounts import staff
from superfamilja.accounts.models import AccountRequest, User
from superfamilja.accounts.requests import account_requests
from superfamilja.accounts.second_person import notices
from superfamilja.accounts.site.act_page import ActPage
from superfamilja.accounts.stores import chosen
from superfamilja.audit.models import Act
from superfamilja.audit.verbs import spoken_verb
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values import phone

ADMINISTER = "accounts.change_user"
ENDED_SHOWN = 20
Rows = list[tuple[str | Promise, Any]]


def rows_of(row: AccountRequest) -> Rows:
    """Return what the decision depends on: the act, the account, who asked and why."""
    known: Rows = [
        (_("What would be done"), row.get_act_display()),
        (_("Account"), f"{row.person} ({row.username})"),
    ]
    if before := row.before:
        known.append((_("Role now"), _roles(before["roles"])))
    if role := row.what.get("role"):
        known.append((_("Role after it"), gettext(role)))
    if codes := row.what.get("stores"):
        known.append((_("Shops after it"), ", ".join(codes)))
    mobile = row.what.get("mobile") or row.before.get("mobile", "")
    told = phone.masked(mobile) if mobile else _("no number: told only at the next sign-in")
    known.append((_("Mobile to which the person is told"), told))
    return [
        *known,
        (_("Asked by"), row.asked_by.shown_name),
        (_("Asked"), row.asked_at),
        (_("Reason"), row.reason),
        (_("May be confirmed until"), row.expires_at),
    ]


def _roles(names: list[str]) -> str:
    return ", ".join(gettext(name) for name in names) or "—"


def history_of(user: User | None) -> list[tuple[Any, str, str]]:
    """Return the last acts on this account, with time and person, for the one who decides."""
    if user is None:
        return []
    about = Act.objects.filter(details__user=user.pk).exclude(verb="ask_account_act")
    return [(act.at, act.actor_name, spoken_verb(act.verb)) for act in about.order_by("-pk")[:5]]


@require_GET
@never_cache
@permission_required(ADMINISTER, raise_exception=True)
def account_request_list(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first, and what ended last."""
    now = portal_clock.now()
    ended = AccountRequest.objects.exclude(outcome=None)
    context = {
        "waiting": list(account_requests.standing(now)),
        "ended": list(
            ended.select_related("subject", "asked_by", "ended_by").order_by("-ended_at", "-pk")[
                :ENDED_SHOWN
            ]
        ),
        "me": request.user.pk,
    }
    return render(request, "account/requests.html", context)


class AccountRequestAct(ActPage):
    """Base of confirming, declining and withdrawing: loads the request."""

    permission_required = ADMINISTER
    row: AccountRequest

    def load(self, pk: int) -> None:
        known = AccountRequest.objects.select_related("subject", "asked_by", "ended_by")
        self.row = get_object_or_404(known, pk=pk)

    def back(self) -> tuple[str, str | Promise]:
        return reverse("account_requests"), _("Back to the requests")

    def subject(self) -> Rows:
        return rows_of(self.row)


class ConfirmAccountAct(AccountRequestAct):
    """Show what would happen, and let another administrator confirm it."""

    form_class = forms.Form
    template = check_template = "account/request.html"
    title = _("Confirm a change of an account?")
    button = _("Yes, do it")

    @property
    def consequence(self) -> str:  # type: ignore[override]
        words = gettext(
            "It is done at once, every session of the account ends, and its owner is told. For "
            "%(hours)s hours the account approves, credits and administers nothing."
        )
        return words % {"hours": settings.STAFF_HOLD_HOURS}

    def show(self, template: str, **context: Any) -> HttpResponse:
        row, now = self.row, portal_clock.now()
        own = {row.asked_by_id, row.subject_id}
        return super().show(
            template,
            row=row,
            history=history_of(row.subject),
            stands=row.outcome is None and row.expires_at > now,
            is_own=self.actor.pk == row.asked_by_id,
            may_confirm=self.actor.pk not in own,
            **context,
        )

    def perform(self, cleaned: dict[str, Any]) -> account_requests.Confirmed:
        return account_requests.confirm(request=self.row, actor=self.actor, at=portal_clock.now())

    def after(self, outcome: account_requests.Confirmed) -> HttpResponse:
        if outcome.half:
            return told_half(self.request, outcome.half, outcome.request, is_first=False)
        messages.success(self.request, gettext("It is done, and the account's owner was told."))
        return redirect("account_requests")


class EndAccountRequest(AccountRequestAct):
    """End a request: the asking person withdraws it, another administrator declines it."""

    title = _("Withdraw or decline the request")
    button = _("Yes, end the request")
    consequence = _("Nothing happens to the account.")
    done = _("The request has ended; nothing was changed.")

    def perform(self, cleaned: dict[str, Any]) -> AccountRequest:
        return account_requests.withdraw(
            request=self.row, actor=self.actor, at=portal_clock.now(), reason=cleaned["reason"]
        )


def told_half(
    request: HttpRequest, half: str, row: AccountRequest, *, is_first: bool
) -> HttpResponse:
    """Show one half of a temporary password, only here."""
    context = {"half": half, "row": row, "is_first": is_first}
    return render(request, "account/half_told.html", context)


def answer_asked(request: HttpRequest, asked: account_requests.RequestWithHalf) -> HttpResponse:
    """Say after asking that the request waits for another administrator."""
    if asked.half:
        return told_half(request, asked.half, asked.request, is_first=True)
    messages.success(request, gettext("It is asked for, and waits for another administrator."))
    return redirect("account_requests")


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def account_notices(request: HttpRequest) -> HttpResponse:
    """What administrators did to one's own account: read it, or shut the account."""
    user, now = cast(User, request.user), portal_clock.now()
    if request.method == "POST" and "shut" in request.POST:
        try:
            staff.shut_own_account(user=user, at=now)
        except Refusal as refusal:
            return _notices(request, user, refusal.text())
        logout(request)
        return redirect("account_login")
    if request.method == "POST":
        notices.acknowledge(request, user, now)
        return redirect(reverse(chosen.first_page(user)))
    return _notices(request, user)


def _notices(request: HttpRequest, user: User, refusal: str = "") -> HttpResponse:
    now = portal_clock.now()
    context = {
        "notices": [(row, spoken_verb(row.verb)) for row in notices.to_read(user, now)],
        "held_until": user.held_until if user.held_until and user.held_until > now else None,
        "refusal": refusal,
    }
    return render(request, "account/notices.html", context)


_staff = admin.site.admin_view
admin_urls = [
    path("account-requests/", _staff(account_request_list), name="account_requests"),
    path("account-requests/<int:pk>/", _staff(ConfirmAccountAct.as_view()), name="account_request"),
    path(
        "account-requests/<int:pk>/end/",
        _staff(EndAccountRequest.as_view()),
        name="end_account_request",
    ),
]
