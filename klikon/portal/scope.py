"""Find every object of the portal through its owner; for everybody else it does not exist."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from billing.models import Charge
from groups.models import Contract, Membership
from klikon.models import Activation, LeaderAssignment
from klikon.reading.people import paid_by, seen_by
from superfamilja.customers.gate import FamilyRequest


def contract_of(request: FamilyRequest, pk: int) -> Contract:
    """Return a contract that this number pays. Raise Http404."""
    return get_object_or_404(paid_by(request.account.msisdn), pk=pk)


def contract_seen_by(request: FamilyRequest, pk: int) -> Contract:
    """Return a contract that this number pays, or paid and still has on a bill (R15); read-only.

    Raises Http404.
    """
    return get_object_or_404(seen_by(request.account.msisdn), pk=pk)


def charge_of(request: FamilyRequest, pk: int) -> Charge:
    """Return a charge on a contract that this number pays. Raise Http404."""
    charges = Charge.objects.select_related(
        "contract",
        "entry",
        "activation__member",
        "activation__leader",
        "activation__package",
        "activation__terms",
        "activation__actor",
    )
    return get_object_or_404(charges.filter(contract__in=seen_by(request.account.msisdn)), pk=pk)


def leadership_of(request: FamilyRequest) -> LeaderAssignment:
    """Return the leadership of this number, stopped or not. Raise Http404."""
    return get_object_or_404(LeaderAssignment.objects.of_number(request.account.msisdn))


def member_led_by(leader: LeaderAssignment, pk: int) -> Membership:
    """Return a member of the leader's group. Raise Http404."""
    return get_object_or_404(leader.group.memberships.current(), pk=pk)


def membership_of(request: FamilyRequest) -> Membership:
    """Return the membership of this number. Raise Http404."""
    members = Membership.objects.current().select_related("group__contract")
    return get_object_or_404(members, msisdn=request.account.msisdn)


def activation_by(request: FamilyRequest, pk: int) -> Activation:
    """Return an activation that this number asked for as Mobile Leader of its present group.

    A former leader sees nothing any more. Raises Http404.
    """
    leader = leadership_of(request)
    activations = Activation.objects.select_related(
        "member", "package", "charge", "contract", "terms", "order"
    )
    found = activations.filter(pk=pk, leader=leader.member, group=leader.group).first()
    if found is None:
        raise Http404
    return found
