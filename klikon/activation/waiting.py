"""What a request that waited for the payer answers to whoever asks with its key (R21, R28)."""

from datetime import datetime, timedelta
from typing import Any

from klikon.activation import refusals, waiting_messages
from klikon.models import Activation, Outcome, RefusedActivation, WaitingRequest
from superfamilja.values.months import TIRANE

# R28 says at most 24 hours. A constant and no parameter of the terms: it changes no price and no
# right, and each request keeps its own end.
LONGEST = timedelta(hours=24)

_BY_OUTCOME: dict[Outcome, type[refusals.ActivationRefused]] = {
    Outcome.DECLINED: refusals.DeclinedByTheFixedLeader,
    Outcome.EXPIRED: refusals.NotApprovedInTime,
    Outcome.CANCELLED: refusals.RequestCancelled,
}


def request(pk: int) -> WaitingRequest:
    """The request with all that its state and its answer look at."""
    return WaitingRequest.objects.select_related(
        "assignment", "group__contract", "leader", "member", "package", "activation", "refusal"
    ).get(pk=pk)


def end(waiting: WaitingRequest, outcome: Outcome, at: datetime, **led_to: Any) -> None:
    """Write down how it ended, and tell the Mobile Leader. Its key is held."""
    WaitingRequest.objects.filter(pk=waiting.pk).update(outcome=outcome, ended_at=at, **led_to)
    waiting_messages.ended(waiting, outcome, at)


def settle(waiting: WaitingRequest, at: datetime) -> WaitingRequest:
    """Write down an end that time has decided, and return the request as it is then.

    Whoever looks first records it, so that its key never hears another answer. Its key is held.
    """
    state = waiting.state(at)
    if state is None or waiting.outcome is not None:
        return waiting
    end(waiting, state, at)
    return request(waiting.pk)


def answer(waiting: WaitingRequest, at: datetime) -> Activation | refusals.ActivationRefused:
    """“Waiting” while it waits; then the activation, or the no that ended it."""
    state = waiting.state(at)
    if state is None:
        return waits(waiting)
    if waiting.activation is not None:
        return waiting.activation
    if waiting.refusal is not None:
        return said(waiting.refusal, at)
    return _BY_OUTCOME[state](member=waiting.member.name, package=waiting.package.name)


def said(refused: RefusedActivation, at: datetime) -> Activation | refusals.ActivationRefused:
    """The refusal that was stored; one that pointed to a request that waits follows that."""
    refusal = refusals.BY_CODE[refused.code](**refused.details)
    return answer(request(refused.details["waiting"]), at) if refusal.waits else refusal


def waits(waiting: WaitingRequest) -> refusals.WaitingForTheFixedLeader:
    """The one answer of every channel while it waits."""
    return refusals.WaitingForTheFixedLeader(
        member=waiting.member.name,
        package=waiting.package.name,
        charged_lek=waiting.charged_lek,
        until=waiting.expires_at.astimezone(TIRANE).isoformat(timespec="minutes"),
        waiting=waiting.pk,
    )
