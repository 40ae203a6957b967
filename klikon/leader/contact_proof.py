"""Tell what a code to the contact mobile proves, for the shop and the web (R3, R26, R31).

A new number, or one whose SIM card changed hands, may be a stranger's, who would speak for the
payer with it.
"""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from groups import contact, proof
from groups.models import ContactHold, Contract
from klikon.leader import freezes
from klikon.leader.refusals import AlreadyFrozen, NoLeader
from klikon.models import Declaration, FreezeCause, LeaderAssignment, LeaderFreeze
from superfamilja.accounts.models import User
from superfamilja.customers.models import Account
from superfamilja.refusal import Refusal


def changed_hands(contract: Contract, number: str = "") -> bool:
    """Return whether this number changed hands while it led, and is not confirmed since (R26).

    The number is the contact mobile unless given; the CRM told of another SIM card or owner. The
    end of the leadership confirms nothing. A lifted stop does, and so does a Declaration that names
    the number anew, because a code to a doubtful number names nobody. Another contact given since
    does, too.
    """
    number = number or contract.contact_msisdn
    of_this_number = LeaderFreeze.objects.filter(assignment__member__msisdn=number)
    told = of_this_number.exclude(cause=FreezeCause.FIXED_LEADER).select_related("assignment")
    last = told.order_by("frozen_at", "pk").last()
    if last is None or last.ended_at not in {None, last.assignment.ended_at}:
        return False
    anew = Declaration.objects.filter(
        contract=contract, member__msisdn=number, declared_at__gt=last.frozen_at
    )
    # Another contact given since speaks for the present contact, and never for a number that the
    # payer left: a changed SIM is a reason to leave one.
    is_given_anew = number == contract.contact_msisdn and contract.contact_was_another_since(
        last.frozen_at
    )
    return not (is_given_anew or anew.exists())


def why_not_online(contract: Contract, at: datetime) -> Refusal | None:
    """Return why nothing from the contact mobile loosens now, or None.

    It changed hands (R26), or changed within three days without a code to the number before (R31).
    """
    try:
        proof.require_unheld(contract, at)
    except proof.ProofRefused as refusal:
        return refusal
    return proof.ConfirmInAShop() if changed_hands(contract) else None


@transaction.atomic
def dispute(
    *, contract: Contract, word: proof.Proof, at: datetime, actor: User, reason: str
) -> ContactHold:
    """Record that the Fixed Leader did not change the contact mobile, and stop the Mobile Leader.

    The person who changed it may have named the leader. Raises what groups.contact.dispute_contact
    raises.
    """
    leader = LeaderAssignment.objects.of_contract(contract).first()
    if leader:
        # Decided under the group's lock: somebody may be stopping them at this moment.
        with suppress(AlreadyFrozen, NoLeader):
            freezes.freeze(assignment=leader, proof=word, at=at, actor=actor, reason=reason)
    hold = contact.dispute_contact(contract=contract, proof=word, at=at, actor=actor, reason=reason)
    Account.end_sessions(contract.contact_msisdn)
    return hold


def leading_members_sql() -> str:
    """SQL of the memberships that lead a group now, frozen or not, for the subscriber file."""
    return "SELECT member_id FROM klikon_leaderassignment WHERE ended_at IS NULL"
