"""An act of a family: the steps of every act, for the number that is signed in."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from superfamilja.act_page import Steps
from superfamilja.customers.gate import FamilyRequest, family_required


class FamilyAct(Steps):
    """`load` finds the subject among what is the number's own, or raises Http404."""

    frame = "portal/page.html"

    def left_to(self) -> str:
        """The address that this act is left to, done or not."""
        raise LookupError

    def back(self) -> tuple[str, str | Promise]:
        return self.left_to(), _("Back")

    @property
    def family(self) -> FamilyRequest:
        """The request, with who is signed in."""
        return cast(FamilyRequest, self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _guarded(request, super().dispatch, *args, **kwargs)


@family_required
def _guarded(request: HttpRequest, go_on: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    return cast(HttpResponse, go_on(request, *args, **kwargs))
