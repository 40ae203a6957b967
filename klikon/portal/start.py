"""Public pages: what Klik-ON is, its prices, how to call 130, the terms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from groups import terms
from klikon.catalogue import on_sale
from klikon.models import Package
from klikon.reading import people
from superfamilja.clock import portal_clock
from superfamilja.customers.gate import FamilyRequest, family_required
from superfamilja.values.months import local_date


def start(request: HttpRequest) -> HttpResponse:
    """The start page. Two queries; no session is begun."""
    now = portal_clock.now()
    in_force = terms.newest(now)
    packages = Package.objects.on_sale(local_date(now))
    priced = [(package, on_sale.klik_on_price(package, in_force)) for package in packages]
    offers = [(package, price) for package, price in priced if price]
    return render(request, "portal/start.html", {"offers": offers, "terms": in_force})


def terms_page(request: HttpRequest) -> HttpResponse:
    """The newest published terms, in the language of the page."""
    return render(request, "portal/terms.html", {"terms": terms.newest(portal_clock.now())})


@family_required
def family(request: FamilyRequest) -> HttpResponse:
    """Lead a number to its one role, or to the choice between several."""
    roles = people.roles(request.account.msisdn)
    if roles.count == 1 or (roles.leads and not roles.contracts):
        if roles.contracts:
            return redirect("payer", roles.contracts[0].pk)
        return redirect("leader" if roles.leads else "member")
    return render(request, "portal/family.html", {"roles": roles})


@family_required
def choose(request: FamilyRequest) -> HttpResponse:
    """Lead from the start page to the payer's only contract, or to the choice of roles."""
    contracts = people.roles(request.account.msisdn).contracts
    if len(contracts) == 1:
        return redirect("payer", contracts[0].pk)
    return redirect("family")
