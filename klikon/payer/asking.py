"""“Ask me first” (R28): the payer sets above which price to ask, and answers requests.

Setting and lifting lock the group's row FOR UPDATE, as limits do. A yes runs the activation with
its locks. A no takes the request's key, which is their first lock. So the second of two answers
sees what the first one decided.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from groups import terms
from groups.membership import lock_group, require_open
from groups.models import Contract, Group
from groups.proof import (
    Proof,
    recorded,
    require_loosening,
    require_the_payers_number,
    require_tightening,
)
from klikon.activation import activate, refusals, snapshot
from klikon.activation import waiting as requests
from klikon.activation.request import Request
from klikon.models import (
    Activation,
    AskAbove,
    Channel,
    Outcome,
    RefusedActivation,
    WaitingRequest,
)
from klikon.payer import loosened_messages
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.data.history import not_before
from superfamilja.epoch import standing
from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek


class NothingToAsk(Refusal):
    """No package costs more, so the payer would never be asked."""

    rule = "R28"
    code = "nothing_to_ask"
    sentence = gettext_noop(
        "Nothing above %(above_lek)s can be activated, because the monthly cap is %(cap_lek)s. Set "
        "less than %(cap_lek)s, or lift it."
    )

    def shown(self) -> dict[str, Any]:
        return {name: lek(amount) for name, amount in self.details.items()}


class NotAskedFirst(Refusal):
    rule = "R28"
    code = "not_asked_first"
    sentence = gettext_noop("The payer is not asked first any more. Look at the contract again.")


class NotWaiting(Refusal):
    rule = "R28"
    code = "not_waiting"
    sentence = gettext_noop("This request does not wait any more. Look at it again.")


@transaction.atomic
def set_ask_above(
    *,
    group: Group,
    above_lek: int,
    at: datetime,
    proof: Proof | None = None,
    actor: User | None = None,
    reason: str = "",
) -> AskAbove:
    """Ask the payer from now on before an activation above `above_lek`; 0 means every one.

    The same amount again changes nothing; a higher one needs a proof that loosens (R30). Raises the
    refusals of groups.proof, GroupClosed, NothingToAsk, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group = lock_group(group.pk)
    require_askable(group, above_lek, at)
    before = ask_above_of(group)
    if before and before.above_lek == above_lek:
        return before
    is_raised = raises(before, above_lek)
    if is_raised:
        require_loosening(proof, group.contract, acts=("ask_first",), at=at)
    else:
        require_tightening(proof, group.contract)
    at = _not_before(at, group)
    if before:
        _end(before, at)
    asked = AskAbove.objects.create(group=group, above_lek=above_lek, set_at=at, set_by=actor)
    words = recorded(proof)
    _record("set_ask_above", asked, group, at=at, actor=actor, reason=reason, words=words)
    if is_raised:
        loosened_messages.ask_raised(group.contract, asked, at)
    return asked


@transaction.atomic
def lift_ask_above(
    *,
    group: Group,
    at: datetime,
    proof: Proof | None,
    actor: User | None = None,
    reason: str = "",
) -> AskAbove:
    """Ask the payer no longer; requests that wait already go on waiting.

    Raises the refusals of groups.proof, GroupClosed, NotAskedFirst, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    group = lock_group(group.pk)
    asked = require_asked_first(group)
    require_loosening(proof, group.contract, acts=("ask_no_more",), at=at)
    at = _not_before(at, group)
    _end(asked, at)
    words = recorded(proof)
    _record("lift_ask_above", asked, group, at=at, actor=actor, reason=reason, words=words)
    loosened_messages.ask_lifted(group.contract, asked, at)
    return asked


def require_askable(group: Group, above_lek: int, at: datetime) -> None:
    """Raise what `set_ask_above` refuses, whatever the proof: GroupClosed, NothingToAsk."""
    require_open(group)
    cap_lek = terms.in_force(group, at).cap_lek
    if above_lek >= cap_lek:
        raise NothingToAsk(above_lek=above_lek, cap_lek=cap_lek)


def raises(before: AskAbove | None, above_lek: int) -> bool:
    """Return whether this amount loosens the present one and so needs a proof (R30)."""
    return before is not None and before.above_lek < above_lek


def require_asked_first(group: Group) -> AskAbove:
    """Return the amount that would be lifted.

    Raise what `lift_ask_above` refuses, whatever the proof: GroupClosed, NotAskedFirst.
    """
    require_open(group)
    asked = ask_above_of(group)
    if asked is None:
        raise NotAskedFirst
    return asked


def approve(
    *,
    waiting: WaitingRequest,
    at: datetime,
    charged_lek: int | None = None,
    actor: User | None = None,
    reason: str = "",
) -> Activation:
    """Approve as the payer: the request now runs the activation's own way.

    This moment's month, price and rules count, the repetition (R25) included. Leader, channel and
    requester stay as they were.

    `charged_lek` is the price that the payer was shown; without it, that of the question counts. At
    another price PriceChanged is raised, nothing is charged, and the request goes on waiting.

    A second yes gets the same answer again. Raises an ActivationRefused: the rule that now refuses
    it, which is its outcome, or that it was declined, too late or cancelled before; ContactHeld,
    ContactDisputed (R31), ConfirmInAShop (R26); ReasonMissing.
    """
    acts.require_reason(actor, reason)
    at = max(at, waiting.asked_at)
    with standing.only_while_open(), transaction.atomic():  # R36
        require_the_payers_number(Contract.objects.get(pk=waiting.contract_id), at)
        given = activate.answer(_as_asked(waiting, at, charged_lek))
        if isinstance(given, requests.WaitingForTheFixedLeader):
            raise TypeError("An approved request waits for nobody.")
        if not isinstance(given, refusals.PriceChanged):
            _decided(waiting.pk, given, at=at, actor=actor, reason=reason)
    if isinstance(given, refusals.ActivationRefused):
        raise given
    return given


@transaction.atomic
def decline(
    *, waiting: WaitingRequest, at: datetime, actor: User | None = None, reason: str = ""
) -> WaitingRequest:
    """Decline as the payer. A second no changes nothing. Raise NotWaiting, ReasonMissing."""
    acts.require_reason(actor, reason)
    at = max(at, waiting.asked_at)
    snapshot.lock_key(waiting.client, waiting.key)
    waiting = requests.request(waiting.pk)
    state = waiting.state(at)
    if state == Outcome.DECLINED:
        return waiting
    if state is not None:
        raise NotWaiting
    _ended(waiting, Outcome.DECLINED, at=at, actor=actor, reason=reason)
    return requests.request(waiting.pk)


def record_what_time_has_ended(at: datetime) -> int:
    """Record which undecided requests are over, and tell their leaders; return how many.

    No rule depends on this run, because `state` computes the end from the time.
    """
    if standing.why_halted():  # R36
        return 0
    due = WaitingRequest.objects.filter(outcome=None, expires_at__lte=at).order_by("pk")
    return sum(_over(waiting, at) for waiting in due)


@transaction.atomic
def _over(waiting: WaitingRequest, at: datetime) -> bool:
    snapshot.lock_key(waiting.client, waiting.key)
    waiting = requests.request(waiting.pk)
    return waiting.outcome is None and requests.settle(waiting, at).outcome is not None


def ask_above_of(group: Group) -> AskAbove | None:
    """Return the price above which the payer is asked first; None means never."""
    return AskAbove.objects.filter(group=group, ended_at=None).first()


def _as_asked(waiting: WaitingRequest, at: datetime, charged_lek: int | None) -> Request:
    return Request(
        waiting.leader.msisdn,
        waiting.member.msisdn,
        waiting.package.code,
        at,
        waiting.client,
        waiting.key,
        waiting.repeat_confirmed,
        channel=Channel(waiting.channel),
        actor=waiting.actor,
        reason=waiting.reason,
        approved=True,
        pin_given=True,  # otherwise it would not have waited
        charged_lek=waiting.charged_lek if charged_lek is None else charged_lek,
    )


def _decided(
    pk: int,
    given: Activation | refusals.ActivationRefused,
    *,
    at: datetime,
    actor: User | None,
    reason: str,
) -> None:
    """Record the outcome of the yes, once.

    The request's key is locked since the answer was sought.
    """
    waiting = requests.request(pk)
    if waiting.outcome is not None:
        return
    if isinstance(given, Activation):
        _ended(waiting, Outcome.APPROVED, at=at, actor=actor, reason=reason, activation=given)
    else:
        refusal = RefusedActivation.objects.get(client=waiting.client, key=waiting.key)
        _ended(waiting, Outcome.REFUSED, at=at, actor=actor, reason=reason, refusal=refusal)


_VERBS = {
    Outcome.APPROVED: "approve_request",
    Outcome.REFUSED: "approve_request",
    Outcome.DECLINED: "decline_request",
}


def _ended(
    waiting: WaitingRequest,
    outcome: Outcome,
    *,
    at: datetime,
    actor: User | None,
    reason: str,
    **led_to: Any,
) -> None:
    acts.record(
        _VERBS[outcome],
        actor=actor,
        at=at,
        contract_number=waiting.group.contract.number,
        reason=reason,
        request=waiting.reference,
        outcome=outcome.value,
    )
    requests.end(waiting, outcome, at, decided_by=actor, **led_to)


def _not_before(at: datetime, group: Group) -> datetime:
    return not_before(at, AskAbove.objects.filter(group=group), "set_at", "ended_at")


def _end(asked: AskAbove, at: datetime) -> None:
    asked.ended_at = at
    asked.save(update_fields=["ended_at"])


def _record(
    verb: str,
    asked: AskAbove,
    group: Group,
    *,
    at: datetime,
    actor: User | None,
    reason: str,
    words: dict[str, str],
) -> None:
    acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=group.contract.number,
        reason=reason,
        group=group.pk,
        above_lek=asked.above_lek,
        **words,
    )
