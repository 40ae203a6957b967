"""Release contracts and people that are locked after wrong personal numbers, as a manager."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from groups import personal_number
from groups.models import Contract
from groups.tries import PersonalNumberTry
from superfamilja.accounts.models import User
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values.text_field import LineField
from superfamilja.web import typed

SHOWN = 50
CONTRACT, PERSON = "contract", "person"


class ReleaseForm(forms.Form):
    """Why one contract or person is released. A page shows a form for each that waits."""

    reason = LineField(label=_("Why may they go on?"), max_length=500)


@permission_required(personal_number.MAY_RELEASE, raise_exception=True)
@require_GET
def tries_page(request: StaffRequest) -> HttpResponse:
    """Show contracts and people that wait for a manager; of a customer, only the number."""
    return _page(request)


@permission_required(personal_number.MAY_RELEASE, raise_exception=True)
def release(request: StaffRequest, whose: str, pk: int) -> HttpResponse:
    """Release with a reason, as a manager who typed none of the wrong numbers."""
    # a GET, because the language was changed on the page of a refused reason
    if request.method != "POST":
        return redirect("tries")
    reason, at = typed.text(request.POST, "reason"), portal_clock.now()
    try:
        if whose == CONTRACT:
            contract = get_object_or_404(Contract, pk=pk)
            personal_number.release_contract(
                contract=contract, actor=request.user, at=at, reason=reason
            )
        elif whose == PERSON:
            person = get_object_or_404(User, pk=pk)
            personal_number.release_person(person=person, actor=request.user, at=at, reason=reason)
        else:
            raise Http404
    except Refusal as refusal:
        return _page(request, {(whose, pk): reason}, refusal=refusal.text())
    messages.success(request, _("They may go on."))
    return redirect("tries")


def _page(
    request: StaffRequest, refused: dict[tuple[str, int], str] | None = None, **context: object
) -> HttpResponse:
    """Draw the page; `refused` holds the reason that was just refused, by its subject."""

    def form(whose: str, pk: int) -> ReleaseForm:
        typed = {"reason": (refused or {}).get((whose, pk), "")}
        return ReleaseForm(auto_id=f"why_{whose}_{pk}_%s", initial=typed)

    contracts = personal_number.locked_contracts(SHOWN)
    people = personal_number.locked_people(portal_clock.now(), SHOWN)
    rows = PersonalNumberTry.objects.filter(ended_at=None).select_related("actor")
    tried = list(rows.filter(contract__in=contracts).order_by("tried_at"))
    context |= {
        "contracts": [
            (c, [t for t in tried if t.contract_id == c.pk], form(CONTRACT, c.pk))
            for c in contracts
        ],
        "people": [(person, form(PERSON, person.pk)) for person in people],
    }
    return render(request, "staff/tries.html", context)
