"""Base of a family's acts: the steps of every act, for the signed-in number."""

from abc import abstractmethod
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.site.act_page import Steps
from superfamilja.customers import gate
from superfamilja.customers.gate import FamilyRequest, family_required


class FamilyAct(Steps):
    """A family's act: `load` finds the subject among the number's own, or raises Http404."""

    frame = "portal/page.html"

    @abstractmethod
    def left_to(self) -> str:
        """Return the page that follows this act, done or not."""

    def back(self) -> tuple[str, str | Promise]:
        return self.left_to(), _("Back")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the form, with what was typed before if the session ended while it was sent."""
        typed = gate.typed_before(request)
        if not typed:
            if typed is not None:  # nothing was kept: a code, a PIN, or no fields
                messages.warning(request, gettext("Your session had ended: nothing was done yet."))
            return super().get(request, pk)
        self.load(pk)
        messages.success(request, gettext("What you typed is still here. Nothing was sent yet."))
        return self.show(self.template, form=self.make_form({**self._unseen(), **typed}))

    def _unseen(self) -> dict[str, Any]:
        """Return the hidden fields of a fresh form: a key of its own (R21)."""
        fresh = self.make_form()
        return {f.name: f.value() for f in fresh.hidden_fields() if f.value() is not None}

    def show(self, template: str, **context: Any) -> HttpResponse:
        context.setdefault("contract", getattr(self, "contract", None))  # for the link to the bills
        return super().show(template, **context)

    @property
    def family(self) -> FamilyRequest:
        """Return the request of a signed-in family."""
        return cast(FamilyRequest, self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _guarded(request, super().dispatch, *args, **kwargs)


@family_required
def _guarded(request: HttpRequest, go_on: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    return cast(HttpResponse, go_on(request, *args, **kwargs))
