"""The demonstration's page, its live part, and its two buttons, open to everybody.

It gives only its switches, and the Mobile Leader's own call for two members at once.
"""

from typing import Any

from crispy_forms.layout import Field
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from groups.models import Contract, Membership
from klikon.demonstration import agreement, phones, stories, switches
from klikon.demonstration.access import in_a_demonstration
from klikon.demonstration.phone import handset
from klikon.demonstration.world import at_once, families, plan
from klikon.provisioning.line import breaker
from klikon.reading import overview
from superfamilja.accounts import demonstration
from superfamilja.clock import portal_clock
from superfamilja.values.months import month_of
from superfamilja.web.form_layout import FieldsFormHelper, LaidOutForm


class ShownFamily(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A family, by its owner's name and the number of its contract."""

    def label_from_instance(self, contract: Contract) -> str:
        return f"{contract.owner_name} · {contract.number}"


class FamilyForm(LaidOutForm):
    """The choice of the family whose phones are shown, in a row with its button."""

    helper = FieldsFormHelper(Field("family", template="klikon/layout/inline_field.html"))

    family = ShownFamily(Contract.objects.order_by("number"), label=_("Family"), empty_label=None)


@in_a_demonstration
@require_GET
def demo_page(request: HttpRequest) -> HttpResponse:
    return _page(request, _contract(request.GET.get("family", "")))


@in_a_demonstration
@require_GET
def demo_live(request: HttpRequest) -> HttpResponse:
    """The parts of the page that change by themselves."""
    handset.hang_up_what_was_left(portal_clock.now())
    return render(request, "demo/live.html", _live(_contract(request.GET.get("family", ""))))


@in_a_demonstration
@require_GET
def demo_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one member's phone: all its SMS, and a sign-in with its number."""
    return render(request, "demo/phone.html", _phone_of_member(pk))


@in_a_demonstration
@require_GET
def demo_phone_live(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "demo/phone_live.html", _phone_of_member(pk))


@in_a_demonstration
@require_GET
def demo_payer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the phone of a payer who is not a member, by their contract."""
    return render(request, "demo/phone.html", _phone_of_payer(pk))


@in_a_demonstration
@require_GET
def demo_payer_live(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "demo/phone_live.html", _phone_of_payer(pk))


def _phone_of_member(pk: int) -> dict[str, Any]:
    members = Membership.objects.current().select_related("group__contract")
    member = get_object_or_404(members, pk=pk)
    return _phone(member.group.contract, pk, of_payer=False)


def _phone_of_payer(pk: int) -> dict[str, Any]:
    return _phone(get_object_or_404(Contract, pk=pk), pk, of_payer=True)


def _phone(contract: Contract, pk: int, *, of_payer: bool) -> dict[str, Any]:
    of_family = phones.phones_of(overview.overview(contract, portal_clock.now()))
    alone = phones.phone_alone(of_family, pk, of_payer=of_payer)
    if alone is None:
        raise Http404
    others = [phone for phone in of_family if phone is not alone]
    return {"contract": contract, "phone": alone, "others": others, "of_payer": of_payer}


@in_a_demonstration
@require_POST
def demo_switch(request: HttpRequest) -> HttpResponse:
    """Tell the simulator how to behave; say so on the page if it does not answer."""
    contract = _contract(request.POST.get("family", ""))
    switch = switches.SWITCHES.get(request.POST.get("switch", ""))
    if switch is None:
        raise Http404
    try:
        switches.turn(switch)
    except switches.NoAnswer:
        return _page(request, contract, status=503)
    return _back_to(contract, "charging")


@in_a_demonstration
@require_POST
def demo_at_once(request: HttpRequest) -> HttpResponse:
    """Familja Dëllinja asks twice in the same instant."""
    at = portal_clock.now()
    seen = stories.of_family(plan.DELLINJA, at)
    if seen is None:
        raise Http404
    at_once.fire(seen, at)
    return _back_to(seen.contract, "dellinja")


def _contract(asked: str) -> Contract:
    """Return the family by its contract's id; by default familja Dardha."""
    if asked:
        return get_object_or_404(Contract, pk=int(asked) if asked.isdecimal() else 0)
    return get_object_or_404(Contract, number=plan.DARDHA)


def _back_to(contract: Contract, place: str) -> HttpResponse:
    return redirect(f"{reverse('demo')}?family={contract.pk}#{place}")


def _page(request: HttpRequest, contract: Contract, status: int = 200) -> HttpResponse:
    at = portal_clock.now()
    puzzling = families.last_activation()
    context = {
        **_live(contract),
        "form": FamilyForm(initial={"family": contract}),
        "is_of_another_month": puzzling is not None and puzzling.month != month_of(at),
        "not_switched": status != 200,
    }
    return render(request, "demo/page.html", context, status=status)


def _live(contract: Contract) -> dict[str, Any]:
    """Everything that may have changed since the last look. A constant number of queries."""
    at = portal_clock.now()
    seen = overview.overview(contract, at)
    people, codes = demonstration.PEOPLE, demonstration.current_codes()
    context: dict[str, Any] = {
        "contract": contract,
        "seen": seen,
        "month": month_of(at),
        "bar": overview.month_bar(contract.pk, seen.terms.cap_lek, at) if seen.terms else None,
        "phones": phones.phones_of(seen),
        "light": agreement.light(),
        "line_is_down": breaker.is_down(at),
        "people": [(name, person, codes.get(name)) for name, person in people.items()],
        "password": demonstration.PASSWORD,
        "switches": switches.SWITCHES.values(),
    }
    try:
        context["behaves"], context["answers"] = switches.now(), True
    except switches.NoAnswer:
        context["answers"] = False
    if puzzling := families.last_activation():
        first, second = (stories.of_family(n, at) for n in (plan.DARDHA, plan.DELLINJA))
        context["dardha"] = first and stories.dardha(first, at)
        context["dellinja"] = second and stories.dellinja(second, puzzling, at)
        context["last_month"] = stories.last_month(puzzling)
    return context
