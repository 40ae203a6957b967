"""The answer of a request that waits, or waited, for the payer, by its key (R21, R28)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from klikon.activation import refusals, waiting_messages
from klikon.models import Activation, Outcome, RefusedActivation, WaitingRequest
from superfamilja.refusal import AnswerInWords
from superfamilja.values.months import TIRANE

# R28: at most 24 hours. It is a constant and not a parameter of the terms, because it changes no
# price and no right, and each request keeps its own end.
LONGEST = timedelta(hours=24)

_BY_OUTCOME: dict[Outcome, type[refusals.ActivationRefused]] = {
    Outcome.DECLINED: refusals.DeclinedByTheFixedLeader,
    Outcome.EXPIRED: refusals.NotApprovedInTime,
    Outcome.CANCELLED: refusals.RequestCancelled,
}


class WaitingForTheFixedLeader(AnswerInWords):
    """R28: neither a yes nor a no. Nothing is charged, and the same key later returns the outcome
    (R21)."""

    rule = "R28"
    code = "waiting_for_the_fixed_leader"
    sentence = gettext_noop(
        "%(package)s waits for the Fixed Leader, until %(until)s at the latest, for: %(member)s. "
        "Nothing is charged until the Fixed Leader approves it."
    )

    def shown(self) -> dict[str, Any]:
        until = datetime.fromisoformat(self.details["until"])
        return {**self.details, "until": f"{until:%d.%m.%Y %H:%M}"}


Answer = Activation | refusals.ActivationRefused | WaitingForTheFixedLeader


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


def answer(waiting: WaitingRequest, at: datetime) -> Answer:
    """Return “waiting” while it waits, then the activation or the refusal that ended it."""
    state = waiting.state(at)
    if state is None:
        return waits(waiting)
    if waiting.activation is not None:
        return waiting.activation
    if waiting.refusal is not None:
        return answer_now(waiting.refusal, at)
    return _BY_OUTCOME[state](member=waiting.member.name, package=waiting.package.name)


def answer_now(refused: RefusedActivation, at: datetime) -> Answer:
    """Return the stored refusal. If it says “waiting”, return the answer of that request."""
    first = first_answer(refused)
    if isinstance(first, WaitingForTheFixedLeader):
        return answer(request(first.details["waiting"]), at)
    return first


def first_answer(
    refused: RefusedActivation,
) -> refusals.ActivationRefused | WaitingForTheFixedLeader:
    """Return what was answered when this was stored."""
    if refused.code == WaitingForTheFixedLeader.code:
        return WaitingForTheFixedLeader(**refused.details)
    return refusals.BY_CODE[refused.code](**refused.details)


def waits(waiting: WaitingRequest) -> WaitingForTheFixedLeader:
    """Return the answer that every channel gives while the request waits."""
    return WaitingForTheFixedLeader(
        member=waiting.member.name,
        package=waiting.package.name,
        charged_lek=waiting.charged_lek,
        until=waiting.expires_at.astimezone(TIRANE).isoformat(timespec="minutes"),
        waiting=waiting.pk,
    )
