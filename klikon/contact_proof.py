"""What a code to the contact mobile proves of whoever reads it out (R3, R26): one answer for the
shop and for the web.

A new number, or one whose SIM card changed hands, may be a stranger's. Whoever put it there would
speak for the payer with it.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.translation import gettext_noop

from groups.models import ContactChange, Contract
from klikon.models import FreezeCause, LeaderFreeze
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
    the Fixed Leader never confirmed it (R26). The end of the leadership confirms nothing; a contact
    that was given since does.
    """
    last = (
        LeaderFreeze.objects.filter(assignment__member__msisdn=contract.contact_msisdn)
        .exclude(cause=FreezeCause.FIXED_LEADER)
        .filter(Q(ended_at=None) | Q(ended_at=F("assignment__ended_at")))
        .order_by("frozen_at")
        .last()
    )
    return last is not None and not contract.contact_was_another_since(last.frozen_at)


def only_a_shop_decides(contract: Contract, at: datetime) -> bool:
    """Whether nothing that comes from the contact mobile speaks for the Fixed Leader: it changed
    hands, or staff, who also know what is printed on the bill, set it in the last three days."""
    by_staff = ContactChange.objects.filter(
        contract=contract, changed_at__gt=at - NEW_NUMBER, changed_by__isnull=False
    )
    return changed_hands(contract) or by_staff.exists()
