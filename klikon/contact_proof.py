"""What a code to the contact mobile proves of whoever reads it out (R3, R26): one answer for the
shop and for the web.

A new number, or one whose SIM card changed hands, may be a stranger's. Whoever put it there would
speak for the payer with it.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from groups.models import ContactChange, Contract
from klikon.models import Declaration, FreezeCause, LeaderFreeze
from superfamilja.refusal import Refusal

NEW_NUMBER = timedelta(hours=72)


class ConfirmInAShop(Refusal):
    """The phone alone cannot confirm that the phone changed hands rightly."""

    rule = "R26"
    code = "confirm_in_a_shop"
    sentence = gettext_noop(
        "The number that you sign in with, or the Mobile Leader's, is new or changed hands. So "
        "that nobody confirms this for you, come to any shop with your document."
    )


def is_new(contract: Contract, at: datetime) -> bool:
    """Whether the contact mobile was another one within the last three days."""
    return contract.contact_was_another_since(at - NEW_NUMBER)


def changed_hands(contract: Contract) -> bool:
    """Whether the CRM told that this number got another SIM card or owner while it led a group, and
    the Fixed Leader never confirmed it since (R26).

    The end of the leadership confirms nothing. A stop that was lifted does, and so do a Declaration
    that names the number anew, since nobody names one by a code to a number in doubt, and another
    contact given since.
    """
    of_this_number = LeaderFreeze.objects.filter(assignment__member__msisdn=contract.contact_msisdn)
    told = of_this_number.exclude(cause=FreezeCause.FIXED_LEADER).select_related("assignment")
    last = told.order_by("frozen_at", "pk").last()
    if last is None or last.ended_at not in {None, last.assignment.ended_at}:
        return False
    anew = Declaration.objects.filter(
        contract=contract, member__msisdn=contract.contact_msisdn, declared_at__gt=last.frozen_at
    )
    return not (anew.exists() or contract.contact_was_another_since(last.frozen_at))


def only_a_shop_decides(contract: Contract, at: datetime) -> bool:
    """Whether nothing that comes from the contact mobile speaks for the Fixed Leader: it changed
    hands, or staff, who also know what is printed on the bill, set it in the last three days."""
    by_staff = ContactChange.objects.filter(
        contract=contract, changed_at__gt=at - NEW_NUMBER, changed_by__isnull=False
    )
    return changed_hands(contract) or by_staff.exists()
