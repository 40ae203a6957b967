"""Ask “In which shop are you today?” after the sign-in, and when somebody changes shop."""

from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from superfamilja.accounts.models import Store, User
from superfamilja.accounts.refusals import NotYourStore
from superfamilja.accounts.stores import chosen
from superfamilja.clock import portal_clock


class FirstInFocus(forms.RadioSelect):
    """Arrows or the space bar choose; Enter continues."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        if option["index"] == "0":
            option["attrs"]["autofocus"] = True
        return option


class StoreForm(forms.Form):
    """One of the shops in which this person works."""

    store = forms.ModelChoiceField(
        Store.objects.none(),
        label=_("Your shops"),
        empty_label=None,
        widget=FirstInFocus,
        error_messages={
            "required": _("Choose the shop in which you are."),
            "invalid_choice": NotYourStore.sentence,
        },
    )

    def __init__(self, *args: Any, mine: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Store]", self.fields["store"]).queryset = mine


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def choose_store(request: HttpRequest) -> HttpResponse:
    """Ask for the shop; tell a person without a shop whom to call."""
    user, here = cast(User, request.user), chosen.current(request)
    if not chosen.works_in_one(user):
        return redirect(chosen.first_page(user))
    mine = chosen.open_to(user)
    if not mine:
        return render(request, "account/no_store.html")
    form = StoreForm(request.POST or None, mine=mine, initial={"store": here})
    if form.is_valid():
        try:
            chosen.enter(request, form.cleaned_data["store"], at=portal_clock.now())
        except NotYourStore as refusal:
            form.add_error("store", refusal.text())
        else:
            return redirect(_onward(request))
    return render(request, "account/choose_store.html", {"form": form, "here": here})


def _onward(request: HttpRequest) -> str:
    """Return the page that was asked for before the question, or the first one."""
    page = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
    return page if ours else chosen.first_page(cast(User, request.user))
