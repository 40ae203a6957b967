"""Hold an account that somebody else changed: for a day it may not approve, credit or administer.

The verbs ask here, in their transaction; triggers of the database ask the same (R35, ADR 0022).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_noop

from superfamilja.accounts.models import User
from superfamilja.refusal import Refusal


class AccountHeld(Refusal):
    rule = "R35"
    code = "account_held"
    sentence = gettext_noop(
        "Your account was changed by administrators a short time ago. Until %(until)s it reads, "
        "and approves, credits and administers nothing. A colleague can do it now."
    )

    def shown(self) -> dict[str, str]:
        return {"until": date_format(timezone.localtime(self.details["until"]), "DATETIME_FORMAT")}


class AccountShut(Refusal):
    rule = "R35"
    code = "account_shut"
    sentence = gettext_noop("This account is disabled; nothing was done.")


def require_free(actor: User | None, at: datetime) -> None:
    """Raise AccountHeld while this person's account is held, AccountShut when it is disabled.

    The person's row stays share-locked until the caller's transaction ends. An act on the account
    that commits first counts; a later one waits. The system (None) is never held.
    """
    if actor is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT is_active, held_until FROM accounts_user WHERE id = %s FOR SHARE", [actor.pk]
        )
        is_active, held_until = cursor.fetchone()
    if not is_active:
        raise AccountShut
    if held_until is not None and held_until > at:
        raise AccountHeld(until=held_until)


def hold(user: User, at: datetime) -> None:
    """Begin this account's hold, unless a longer one stands. The caller saves the row."""
    until = at + timedelta(hours=settings.STAFF_HOLD_HOURS)
    user.held_until = max(until, user.held_until or until)
