"""Change an account after the decision: end its sessions, hold it, tell its owner, record the act.

Nothing here checks authority: staff.py (one administrator) and requests/account_requests.py (two)
do. The caller holds the person's row and the transaction.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db.models import F

from superfamilja.accounts import roles
from superfamilja.accounts.doing import Doing
from superfamilja.accounts.models import SessionEnd, Store, User
from superfamilja.accounts.second_person import holding, notices, powers
from superfamilja.accounts.stores import store_sessions
from superfamilja.audit import acts

TEMPORARY_PASSWORD_LIVES = timedelta(hours=72)
# Leaves out letters and digits that sound or look alike.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def make_account(
    doing: Doing,
    *,
    username: str,
    name: str,
    role: str,
    stores: Sequence[Store],
    mobile: str,
    password: str,
) -> User:
    """Make a member of staff with this temporary password."""
    first, _space, last = name.strip().partition(" ")
    user = User(
        username=username,
        first_name=first,
        last_name=last,
        is_staff=True,
        mobile=mobile,
        temporary_password_until=doing.at + TEMPORARY_PASSWORD_LIVES,
    )
    user.set_password(password)
    user.save()
    codes = _give_role(user, role, stores)
    _finish("create_staff", user, doing, decided_before=False, role=role, stores=codes)
    return user


def disable(doing: Doing, user: User) -> None:
    """Shut the account."""
    user.is_active = False
    _finish("disable_staff", user, doing)


def enable(doing: Doing, user: User) -> None:
    """Let a disabled person sign in again, with password and second factor as they were."""
    user.is_active = True
    _finish("enable_staff", user, doing)


def set_role(
    doing: Doing, user: User, *, role: str, stores: Sequence[Store], password: str = ""
) -> None:
    """Give another role in place of every role held.

    With a password it is also a new way in, because a way in that one administrator opened alone
    may not lead to an account that decides.
    """
    before, decided = roles_of(user), powers.decides(user)
    codes = _give_role(user, role, stores)
    if password:
        _set_temporary_password(user, password, doing.at)
        Authenticator.objects.filter(user=user).delete()
    _finish(
        "change_role", user, doing, decided_before=decided, before=before, role=role, stores=codes
    )


def move(doing: Doing, user: User, *, stores: Sequence[Store]) -> None:
    """Let this person work in these shops, and in no other."""
    before = codes_of(user)
    user.stores.set(stores)
    _finish("move_staff", user, doing, before=before, stores=codes_of(user))


def set_mobile(doing: Doing, user: User, *, mobile: str) -> None:
    """Set the number for SMS about the account; the number before is told of it, too."""
    before, user.mobile = user.mobile, mobile
    _finish("change_staff_mobile", user, doing, also_to=before)


def set_password(doing: Doing, user: User, *, password: str) -> None:
    """Set a password for one sign-in, after which the person chooses another."""
    _set_temporary_password(user, password, doing.at)
    _finish("give_temporary_password", user, doing)


def forget_second_factor(doing: Doing, user: User) -> None:
    """Forget the second factor and its recovery codes: the next sign-in sets up a new one."""
    Authenticator.objects.filter(user=user).delete()
    _finish("reset_second_factor", user, doing)


def end_sessions(user: User, at: datetime, how: SessionEnd = SessionEnd.ADMINISTRATOR) -> None:
    """Save the person with one more sign-out, which ends every session opened before."""
    user.sign_outs = F("sign_outs") + 1
    user.save()
    store_sessions.end(store_sessions.still_open().filter(user=user), how, at)


def roles_of(user: User) -> list[str]:
    """Return the names of this person's roles."""
    return sorted(user.groups.values_list("name", flat=True))


def codes_of(user: User) -> list[str]:
    """Return the codes of the shops in which this person works."""
    return list(user.stores.values_list("code", flat=True))


def readable(groups: int) -> str:
    """Return that many groups of five letters and digits, easy to read aloud."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(5)) for _ in range(groups))


def record(verb: str, user: User, doing: Doing, **details: Any) -> None:
    """Record the act on this account in the audit."""
    if doing.request is not None:
        asker = doing.request.asked_by
        details |= {"asked_by": asker.username, "request": doing.request.pk}
    acts.record(
        verb,
        actor=doing.actor,
        at=doing.at,
        reason=doing.reason,
        user=user.pk,
        username=user.username,
        **details,
    )


def _finish(
    verb: str,
    user: User,
    doing: Doing,
    *,
    decided_before: bool | None = None,
    also_to: str = "",
    **details: Any,
) -> None:
    """End the sessions, record the act, and hold an account that decides or did.

    Its owner is told.
    """
    decides = powers.decides(user) or bool(decided_before)
    # The system makes the first and the demonstration accounts, whose owners need not be told.
    if decides and doing.actor is not None:
        holding.hold(user, doing.at)
        notices.tell_changed(verb, user, doing.actor, doing)
        notices.send_changed(verb, user, doing.at, also_to)
    if verb == "create_staff":
        user.save()
    else:
        end_sessions(user, doing.at)
    record(verb, user, doing, **details)


def _set_temporary_password(user: User, password: str, at: datetime) -> None:
    user.set_password(password)
    user.temporary_password_until = at + TEMPORARY_PASSWORD_LIVES


def _give_role(user: User, role: str, stores: Sequence[Store]) -> list[str]:
    """Replace the roles; return the codes of the shops in which the person works now."""
    user.groups.set([Group.objects.get(name=role)])
    user.stores.set(stores if role in roles.IN_A_STORE else [])
    return codes_of(user)
