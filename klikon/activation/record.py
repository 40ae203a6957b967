"""Write the outcome of an activation: the fact with its SMS and order, a refusal, or a waiting
request.
"""

from klikon.activation import receipts, refusals, waiting, waiting_messages
from klikon.activation.request import Accepted, Request
from klikon.activation.snapshot import Facts
from klikon.activation.waiting import Answer, WaitingForTheFixedLeader
from klikon.catalogue import prices
from klikon.models import Activation, RefusedActivation, WaitingRequest
from klikon.provisioning import orders
from superfamilja.data.database import insert_last, required
from superfamilja.messages import outbox


def earlier_answer(request: Request, facts: Facts) -> Answer | None:
    """Return the first answer to this client's key, also if it was a refusal (R21).

    For a request that waited for the payer, return its outcome (R28). Return None for a new key.
    Raise KeyUsedForSomethingElse.
    """
    earlier: Activation | RefusedActivation | WaitingRequest
    if facts.earlier_activation_id:
        earlier = Activation.objects.get(pk=facts.earlier_activation_id)
    elif facts.earlier_refusal_id:
        earlier = RefusedActivation.objects.get(pk=facts.earlier_refusal_id)
    elif facts.earlier_waiting_id:
        earlier = waiting.request(facts.earlier_waiting_id)
    else:
        return None
    if earlier.content_hash != request.content_hash:
        raise refusals.KeyUsedForSomethingElse
    if isinstance(earlier, RefusedActivation):
        return waiting.answer_now(earlier, request.at)
    if isinstance(earlier, WaitingRequest):
        earlier = waiting.settle(earlier, request.at)
        decided_now = request.approved and earlier.state(request.at) is None
        return None if decided_now else waiting.answer(earlier, request.at)
    return earlier


def write(accepted: Accepted) -> Activation:
    """Insert the activation with all facts that decided it, its SMS and its order."""
    request, facts, price = accepted.request, accepted.facts, accepted.price
    # `required`: the rules have checked that it exists.
    activation = Activation(
        contract_id=facts.contract_id,
        group_id=required(facts.group_id),
        charge_id=accepted.posted.charge_id,
        reference=accepted.reference,
        leader_id=facts.leader_id,
        member_id=required(facts.member_id),
        package_id=required(facts.package_id),
        package_code=request.package,
        list_price_lek=price.list_price_lek,
        discount_lek=price.discount_lek,
        charged_lek=price.charged_lek,
        month=request.month,
        accepted_at=request.at,
        spent_after=accepted.posted.spent,
        room_left=accepted.room_left_lek,
        terms_id=facts.terms_id,
        promotions_set_aside=prices.set_aside(facts.promotions, request.package),  # R8
        repeat_confirmed=request.repeat_confirmed,
        channel=request.channel,
        actor=request.actor,
        reason=request.reason.strip(),
        client=request.client,
        key=request.key,
        content_hash=request.content_hash,
    )
    insert_last(  # one round trip for all three
        activation,
        lambda: outbox.write(receipts.receipts(accepted), at=request.at),  # R23
        lambda: orders.order(accepted.reference, at=request.at),
    )
    return activation


def write_refusal(
    request: Request,
    facts: Facts,
    refusal: refusals.ActivationRefused | WaitingForTheFixedLeader,
) -> None:
    """Store the refusal with its key, so that a repeated request gets the same answer (R21).

    A second key for what already waits is stored here, too.
    """
    RefusedActivation.objects.create(
        contract_id=facts.contract_id,
        client=request.client,
        key=request.key,
        content_hash=request.content_hash,
        code=refusal.code,
        details=refusal.details,
        leader_msisdn=request.leader,
        member_msisdn=request.member,
        package_code=request.package,
        channel=request.channel,
        actor=request.actor,
        refused_at=request.at,
    )


def write_waiting(request: Request, facts: Facts) -> WaitingForTheFixedLeader:
    """Store the request with its facts, and tell the payer that it waits (R28).

    The same package for the same member waits only once: a second key gets the same answer, and
    later the same outcome.
    """
    if facts.same_waiting_id:
        answer = waiting.waits(waiting.request(facts.same_waiting_id))
        write_refusal(request, facts, answer)
        return answer
    asked = WaitingRequest.objects.create(
        contract_id=facts.contract_id,
        group_id=required(facts.group_id),
        assignment_id=required(facts.assignment_id),
        leader_id=facts.leader_id,
        member_id=required(facts.member_id),
        package_id=required(facts.package_id),
        list_price_lek=facts.list_price_lek,
        charged_lek=prices.Price(facts.list_price_lek, facts.discount_lek).charged_lek,
        above_lek=required(facts.ask_above_lek),
        last_stop_id=facts.last_stop_id,
        repeat_confirmed=request.repeat_confirmed,
        channel=request.channel,
        actor=request.actor,
        reason=request.reason.strip(),
        client=request.client,
        key=request.key,
        content_hash=request.content_hash,
        asked_at=request.at,
        expires_at=request.at + waiting.LONGEST,
    )
    row = waiting.request(asked.pk)
    waiting_messages.asked(row)
    return waiting.waits(row)
