"""Tell what each member has now through Klik-ON, and until when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from groups.models import Membership
from klikon.models import Activation

_LONGEST = timedelta(days=62)  # no package lives longer than two months


@dataclass(frozen=True)
class Active:
    """A package that is active until that moment."""

    activation: Activation
    until: datetime


@dataclass(frozen=True)
class Person:
    """A member with their active packages."""

    member: Membership
    packages: list[Active] = field(default_factory=list)


def active_packages(members: list[Membership], at: datetime) -> list[Person]:
    """Return every member with what they have at that moment. One query."""
    people = {member.pk: Person(member) for member in members}
    found = (
        Activation.objects.filter(member__in=members, accepted_at__gt=at - _LONGEST)
        .counted()
        .select_related("package", "charge", "leader")
        .order_by("-accepted_at")
    )
    for activation in found:
        until = activation.accepted_at + timedelta(days=activation.package.validity_days)
        if until > at:
            people[activation.member_id].packages.append(Active(activation, until))
    return list(people.values())
