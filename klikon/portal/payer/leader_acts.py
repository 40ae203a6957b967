"""Stop, allow or revoke the Mobile Leader, as the Fixed Leader: two taps, at once, no code."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from klikon.leader import freezes, leadership, standing
from klikon.leader.refusals import AlreadyFrozen, NoLeader, NotFrozen
from klikon.portal import scope
from klikon.portal.payer.act import LeadershipAct
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal


class OneTapLeaderAct(LeadershipAct):
    """Base of these acts: the present leadership, and one button."""

    form_class = forms.Form
    template = "portal/one_tap.html"
    done_already: type[Refusal] = NoLeader

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return super().post(request, pk)
        except Http404:
            # A second tap after the leadership ended gets the answer “done”; other payers still get
            # 404.
            return redirect("payer", scope.contract_of(self.family, pk).pk)

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        """Answer a second tap like the first, because its wish is fulfilled."""
        if isinstance(refusal, self.done_already):
            return self.after(None)
        return super().refused(form, refusal)


class Stop(OneTapLeaderAct):
    done_already = AlreadyFrozen
    title = _("Stop activations for now")
    button = _("Yes, stop activations now")
    consequence = _(
        "From this moment nobody can activate packages on your bill, until you allow it again. "
        "What is active stays active. You both get an SMS."
    )
    done = _("Activations are stopped. You can allow them again at any moment.")

    def perform(self, cleaned: dict[str, Any]) -> Any:
        return freezes.freeze(assignment=self.leader, at=portal_clock.now(), reason=standing.ONLINE)


class Allow(OneTapLeaderAct):
    done_already = NotFrozen
    title = _("Allow activations again")
    button = _("Yes, allow activations again")
    consequence = _(
        "From this moment this Mobile Leader can activate packages on your bill again. You both "
        "get an SMS."
    )
    done = _("The Mobile Leader can activate again.")

    def subject(self) -> list[tuple[Any, Any]]:
        frozen = self.leader.standing_freeze()
        why = frozen.get_cause_display() if frozen else "—"
        return [*super().subject(), (_("Stopped because"), why)]

    def perform(self, cleaned: dict[str, Any]) -> Any:
        return freezes.unfreeze(assignment=self.leader, proof=self.proof, at=portal_clock.now())


class Revoke(OneTapLeaderAct):
    title = _("Revoke the Mobile Leader")
    button = _("Yes, revoke the Mobile Leader")
    consequence = _(
        "From this moment this member is no Mobile Leader any more, and nobody can activate "
        "packages on your bill until you choose a new one. What was activated stays active and "
        "on your bill. You both get an SMS."
    )
    done = _("The Mobile Leader is revoked. You can choose a new one at any moment.")

    def perform(self, cleaned: dict[str, Any]) -> Any:
        return leadership.revoke(
            assignment=self.leader, at=portal_clock.now(), reason=standing.ONLINE
        )
