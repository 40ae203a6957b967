"""What a code to the contact mobile proves of whoever reads it out (R3, R26, R31): one answer for
the shop and for the web.

A new number, or one whose SIM card changed hands, may be a stranger's. Whoever put it there would
speak for the payer with it.
"""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from groups import contact, proof
from groups.models import ContactHold, Contract
from klikon.leader import leadership
from klikon.models import Declaration, FreezeCause, LeaderAssignment, LeaderFreeze
from superfamilja.accounts.models import User
from superfamilja.customers.models import Account
from superfamilja.refusal import Refusal


def changed_hands(contract: Contract, number: str = "") -> bool:
    """Whether the CRM told that this number (the contact mobile, if none is said) got another SIM
    card or owner while it led a group, and the Fixed Leader never confirmed it since (R26).

    The end of the leadership confirms nothing. A stop that was lifted does, and so do a Declaration
    that names the number anew, since nobody names one by a code to a number in doubt, and another
    contact given since.
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
    # Another contact given since speaks for the number that is the contact now, and never for one
    # that the payer left: a changed SIM is why people leave one.
    is_given_anew = number == contract.contact_msisdn and contract.contact_was_another_since(
        last.frozen_at
    )
    return not (is_given_anew or anew.exists())


def why_not_online(contract: Contract, at: datetime) -> Refusal | None:
    """Return why nothing that comes from the contact mobile loosens now: it changed hands (R26), or
    no code to the number before proved it in the last three days (R31)."""
    try:
        proof.require_unheld(contract, at)
    except proof.ProofRefused as refusal:
        return refusal
    return proof.ConfirmInAShop() if changed_hands(contract) else None


@transaction.atomic
def dispute(
    *, contract: Contract, word: proof.Proof, at: datetime, actor: User, reason: str
) -> ContactHold:
    """Write down that the Fixed Leader did not change the contact mobile, and stop the Mobile
    Leader: whoever changed it may have named one.

    Raises what groups.contact.dispute_contact raises.
    """
    leader = LeaderAssignment.objects.of_contract(contract).first()
    if leader:
        # Decided under the group's lock: somebody may be stopping them at this moment.
        with suppress(leadership.AlreadyFrozen, leadership.NoLeader):
            leadership.freeze(assignment=leader, proof=word, at=at, actor=actor, reason=reason)
    hold = contact.dispute_contact(contract=contract, proof=word, at=at, actor=actor, reason=reason)
    Account.end_sessions(contract.contact_msisdn)
    return hold


def leading_members_sql() -> str:
    """SQL of the memberships that lead a group now, frozen or not, for the subscriber file."""
    return "SELECT member_id FROM klikon_leaderassignment WHERE ended_at IS NULL"
