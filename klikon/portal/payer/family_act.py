"""An act of a family: the steps of every act, for the number that is signed in."""

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
    """`load` finds the subject among what is the number's own, or raises Http404."""

    frame = "portal/page.html"

    @abstractmethod
    def left_to(self) -> str:
        """The address that this act is left to, done or not."""

    def back(self) -> tuple[str, str | Promise]:
        return self.left_to(), _("Back")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form; with what he typed before, when his session ended while he was sending it."""
        typed = gate.typed_before(request)
        if not typed:
            if typed is not None:  # a code, a PIN, or nothing but a button
                messages.warning(request, gettext("Your session had ended: nothing was done yet."))
            return super().get(request, pk)
        self.load(pk)
        messages.success(request, gettext("What you typed is still here. Nothing was sent yet."))
        return self.show(self.template, form=self.make_form({**self._unseen(), **typed}))

    def _unseen(self) -> dict[str, Any]:
        """The hidden fields of a fresh form: a key of its own (R21)."""
        fresh = self.make_form()
        return {f.name: f.value() for f in fresh.hidden_fields() if f.value() is not None}

    def show(self, template: str, **context: Any) -> HttpResponse:
        context.setdefault("contract", getattr(self, "contract", None))  # for the way to the bills
        return super().show(template, **context)

    @property
    def family(self) -> FamilyRequest:
        """The request, with who is signed in."""
        return cast(FamilyRequest, self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _guarded(request, super().dispatch, *args, **kwargs)


@family_required
def _guarded(request: HttpRequest, go_on: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    return cast(HttpResponse, go_on(request, *args, **kwargs))
