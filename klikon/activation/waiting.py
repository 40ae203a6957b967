"""The answer of a request that waits, or waited, for the payer, by its key (R21, R28)."""

from datetime import datetime, timedelta
from typing import Any

from klikon.activation import refusals, waiting_messages
from klikon.models import Activation, Outcome, RefusedActivation, WaitingRequest
from superfamilja.values.months import TIRANE

# R28: at most 24 hours. It is a constant and not a parameter of the terms, because it changes no
# price and no right, and each request keeps its own end.
LONGEST = timedelta(hours=24)

_BY_OUTCOME: dict[Outcome, type[refusals.ActivationRefused]] = {
    Outcome.DECLINED: refusals.DeclinedByTheFixedLeader,
    Outcome.EXPIRED: refusals.NotApprovedInTime,
    Outcome.CANCELLED: refusals.RequestCancelled,
}


def request(pk: int) -> WaitingRequest:
    """Return the request with every row that its state and its answer need."""
    return WaitingRequest.objects.select_related(
        "assignment", "group__contract", "leader", "member", "package", "activation", "refusal"
    ).get(pk=pk)


def end(waiting: WaitingRequest, outcome: Outcome, at: datetime, **led_to: Any) -> None:
    """Record the outcome and tell the Mobile Leader. The caller holds the key's lock."""
    WaitingRequest.objects.filter(pk=waiting.pk).update(outcome=outcome, ended_at=at, **led_to)
    waiting_messages.ended(waiting, outcome, at)


def settle(waiting: WaitingRequest, at: datetime) -> WaitingRequest:
    """Record an outcome that time has decided, and return the updated request.

    The first reader records it, so that the key never gets another answer. The caller holds the
    key's lock.
    """
    state = waiting.state(at)
    if state is None or waiting.outcome is not None:
        return waiting
    end(waiting, state, at)
    return request(waiting.pk)


def answer(waiting: WaitingRequest, at: datetime) -> Activation | refusals.ActivationRefused:
    """Return “waiting” while it waits, then the activation or the refusal that ended it."""
    state = waiting.state(at)
    if state is None:
        return waits(waiting)
    if waiting.activation is not None:
        return waiting.activation
    if waiting.refusal is not None:
        return said(waiting.refusal, at)
    return _BY_OUTCOME[state](member=waiting.member.name, package=waiting.package.name)


def said(refused: RefusedActivation, at: datetime) -> Activation | refusals.ActivationRefused:
    """Return the stored refusal. If it says “waiting”, return the answer of that request."""
    refusal = refusals.BY_CODE[refused.code](**refused.details)
    return answer(request(refused.details["waiting"]), at) if refusal.waits else refusal


def waits(waiting: WaitingRequest) -> refusals.WaitingForTheFixedLeader:
    """Return the answer that every channel gives while the request waits."""
    return refusals.WaitingForTheFixedLeader(
        member=waiting.member.name,
        package=waiting.package.name,
        charged_lek=waiting.charged_lek,
        until=waiting.expires_at.astimezone(TIRANE).isoformat(timespec="minutes"),
        waiting=waiting.pk,
    )
