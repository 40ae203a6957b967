"""Who may not go on after wrong personal numbers, and the manager's word that lets them."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from groups import personal_number
from groups.models import Contract
from groups.tries import PersonalNumberTry
from superfamilja.accounts.models import User
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.refusal import Refusal
from superfamilja.web import typed

SHOWN = 50
CONTRACT, PERSON = "contract", "person"


@permission_required(personal_number.MAY_RELEASE, raise_exception=True)
@require_GET
def tries_page(request: StaffRequest) -> HttpResponse:
    """Contracts and people that wait for a manager; nothing of a customer but the number."""
    return _page(request)


@permission_required(personal_number.MAY_RELEASE, raise_exception=True)
def release(request: StaffRequest, whose: str, pk: int) -> HttpResponse:
    """With a reason, by somebody who typed none of the wrong numbers."""
    if request.method != "POST":  # the language was changed where a reason was refused
        return redirect("tries")
    reason, at = typed.text(request.POST, "reason"), timezone.now()
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
        return _page(request, refusal=refusal.text(), typed_whose=whose, typed_pk=pk, reason=reason)
    messages.success(request, _("They may go on."))
    return redirect("tries")


def _page(request: StaffRequest, **context: object) -> HttpResponse:
    contracts = personal_number.locked_contracts(SHOWN)
    people = personal_number.locked_people(timezone.now(), SHOWN)
    rows = PersonalNumberTry.objects.filter(ended_at=None).select_related("actor")
    tried = list(rows.filter(contract__in=contracts).order_by("tried_at"))
    context |= {
        "contracts": [(c, [t for t in tried if t.contract_id == c.pk]) for c in contracts],
        "people": people,
    }
    return render(request, "staff/tries.html", context)
