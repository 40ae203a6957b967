"""Make requests that wait for the payer, and read their outcomes (R28)."""

from datetime import datetime
from typing import Any

from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.models import (
    Activation,
    Channel,
    LeaderAssignment,
    WaitingRequest,
)
from superfamilja.messages import templates
from superfamilja.messages.models import OutgoingMessage
from tests.factories import at

NOW = at("2026-11-05 14:05")
LATER = at("2026-11-05 16:00")
LAST = at("2026-11-06 14:04:59")
OVER = at("2026-11-06 14:05")


def ask(
    leader: LeaderAssignment,
    package: str = "S1000",
    key: str = "1",
    moment: datetime = NOW,
    **other: Any,
) -> Activation | WaitingForTheFixedLeader:
    besnik = leader.group.memberships.get(seat=2).msisdn
    request = {"channel": Channel.IVR, "client": "test", **other}
    return activate(
        leader=leader.member.msisdn, member=besnik, package=package, at=moment, key=key, **request
    )


def waiting(leader: LeaderAssignment, **other: Any) -> WaitingRequest:
    """A Super 1000 for Besnik that waits."""
    said = ask(leader, **other)
    assert isinstance(said, WaitingForTheFixedLeader)
    return WaitingRequest.objects.latest("pk")


def answer(leader: LeaderAssignment, key: str = "1", moment: datetime = LATER) -> str:
    """What the key gives now: an activation's reference, or the code of another answer."""
    try:
        given = ask(leader, key=key, moment=moment)
    except refusals.ActivationRefused as refusal:
        return refusal.code
    return given.reference if isinstance(given, Activation) else given.code


def told(template: str) -> dict[str, str]:
    found = OutgoingMessage.objects.filter(template=template)
    return {m.recipient: templates.render(m.template, "en", m.parameters) for m in found}
