"""The acts on staff that one administrator does alone, and the checks that all acts share.

Each act records who did it, when, to whom and why, in the same transaction, and ends the sessions
of the person it concerns. Nobody may do one to themselves. An account that approves, credits or
administers, or would begin to, is different: one administrator alone may only shut it. Every other
act on it is asked for and confirmed by another administrator (requests/account_requests.py, R35).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import Group
from django.db import transaction

from superfamilja.accounts import roles, staff_changes
from superfamilja.accounts.doing import Doing
from superfamilja.accounts.models import SessionEnd, Store, User
from superfamilja.accounts.refusals import (
    LastAdministrator,
    MobileTaken,
    NotAnAdministrator,
    NotInAStore,
    NotToYourself,
    SecondAdministratorNeeded,
    StoreMissing,
    UnknownRole,
    UsernameTaken,
)
from superfamilja.accounts.second_person import holding, powers
from superfamilja.accounts.staff_changes import codes_of, roles_of
from superfamilja.audit import acts

__all__ = [
    "NewStaff",
    "change_mobile",
    "change_role",
    "codes_of",
    "create_staff",
    "disable_staff",
    "enable_staff",
    "give_temporary_password",
    "keep_one_administrator",
    "lock_in_turn",
    "lock_people",
    "move_staff",
    "require_administrator",
    "require_free_mobile",
    "require_new",
    "require_role",
    "reset_second_factor",
    "role_in_a_store",
    "roles_of",
    "shut_own_account",
    "sign_out_everywhere",
]


class NewStaff(NamedTuple):
    """A new member of staff, and the password that is shown once."""

    user: User
    temporary_password: str


@transaction.atomic
def create_staff(
    *,
    username: str,
    name: str,
    role: str,
    stores: Sequence[Store] = (),
    mobile: str = "",
    actor: User | None,
    at: datetime,
    reason: str,
) -> NewStaff:
    """Make a member of staff with one role, its shops, and a temporary password.

    Raises ReasonMissing, NotAnAdministrator, AccountHeld, UnknownRole, StoreMissing,
    UsernameTaken, MobileTaken, SecondAdministratorNeeded.
    """
    require_administrator(actor, reason, at=at)
    require_role(role, stores)
    require_new(username, mobile)
    if actor is not None and roles.role_decides(role):
        raise SecondAdministratorNeeded
    password = _temporary_password()
    user = staff_changes.make_account(
        Doing(actor, at, reason),
        username=username,
        name=name,
        role=role,
        stores=stores,
        mobile=mobile,
        password=password,
    )
    return NewStaff(user, password)


@transaction.atomic
def disable_staff(*, user: User, actor: User | None, at: datetime, reason: str) -> None:
    """Shut the account and end its sessions: the next request of this person is refused.

    One administrator may always do it alone. Raise ReasonMissing, NotAnAdministrator, AccountHeld,
    NotToYourself, LastAdministrator.
    """
    user = _authorised(user, actor, at, reason, alone=True)
    keep_one_administrator(user)
    staff_changes.disable(Doing(actor, at, reason), user)


@transaction.atomic
def enable_staff(*, user: User, actor: User | None, at: datetime, reason: str) -> None:
    """Let a disabled person sign in again, with password and second factor as they were.

    Raises what every act alone raises (`_authorised`).
    """
    user = _authorised(user, actor, at, reason)
    staff_changes.enable(Doing(actor, at, reason), user)


@transaction.atomic
def change_role(
    *,
    user: User,
    role: str,
    stores: Sequence[Store] = (),
    actor: User | None,
    at: datetime,
    reason: str,
) -> None:
    """Give this person another role, in place of every role they have, and end the sessions.

    The shops belong to a role in a shop; with another role the person has none.

    Raises what every act alone raises, UnknownRole, StoreMissing, LastAdministrator.
    """
    user = _authorised(user, actor, at, reason)
    require_role(role, stores)
    if actor is not None and roles.role_decides(role):
        raise SecondAdministratorNeeded
    if role != roles.ADMINISTRATOR:
        keep_one_administrator(user)
    staff_changes.set_role(Doing(actor, at, reason), user, role=role, stores=stores)


@transaction.atomic
def move_staff(
    *, user: User, stores: Sequence[Store], actor: User | None, at: datetime, reason: str
) -> None:
    """Let this person work in these shops, and in no other: the next request signs in anew.

    Raises what every act alone raises, NotInAStore, StoreMissing.
    """
    user = _authorised(user, actor, at, reason)
    require_role(role_in_a_store(user), stores)
    staff_changes.move(Doing(actor, at, reason), user, stores=stores)


@transaction.atomic
def change_mobile(
    *, user: User, mobile: str, actor: User | None, at: datetime, reason: str
) -> None:
    """Set the number that receives SMS about this account.

    Raises what every act alone raises, MobileTaken.
    """
    user = _authorised(user, actor, at, reason)
    require_free_mobile(mobile, user)
    staff_changes.set_mobile(Doing(actor, at, reason), user, mobile=mobile)


@transaction.atomic
def give_temporary_password(*, user: User, actor: User | None, at: datetime, reason: str) -> str:
    """Set a password for one sign-in, after which the person chooses another. It is shown once.

    Raises what every act alone raises.
    """
    user = _authorised(user, actor, at, reason)
    password = _temporary_password()
    staff_changes.set_password(Doing(actor, at, reason), user, password=password)
    return password


@transaction.atomic
def reset_second_factor(*, user: User, actor: User | None, at: datetime, reason: str) -> None:
    """Forget a lost second factor and its recovery codes: the next sign-in sets up a new one.

    Raises what every act alone raises.
    """
    user = _authorised(user, actor, at, reason)
    staff_changes.forget_second_factor(Doing(actor, at, reason), user)


@transaction.atomic
def sign_out_everywhere(*, user: User, at: datetime) -> None:
    """End every session of this person, because they asked for it."""
    staff_changes.end_sessions(lock_people(user)[user.pk], at, SessionEnd.SIGNED_OUT)
    acts.record("sign_out_everywhere", actor=user, at=at, user=user.pk)


@transaction.atomic
def shut_own_account(*, user: User, at: datetime) -> None:
    """Shut one's own account, because its owner did not want what administrators did to it.

    Raises LastAdministrator.
    """
    user = lock_in_turn(user)[user.pk]
    keep_one_administrator(user)
    user.is_active = False
    staff_changes.end_sessions(user, at, SessionEnd.SIGNED_OUT)
    acts.record("shut_own_account", actor=user, at=at, user=user.pk, username=user.username)


def require_administrator(
    actor: User | None,
    reason: str,
    over: User | None = None,
    permission: str = "accounts.change_user",
    *,
    at: datetime,
) -> None:
    """Require the permission of a person, who may not act on themselves; the system may act.

    The system is no actor at all (None). Raise ReasonMissing, NotAnAdministrator, NotToYourself,
    AccountHeld, AccountShut.
    """
    acts.require_reason(actor, reason)
    if actor is None:
        return
    if not actor.has_perm(permission):
        raise NotAnAdministrator
    if over is not None and over.pk == actor.pk:
        raise NotToYourself
    holding.require_free(actor, at)


def lock_people(*people: User | None) -> dict[int, User]:
    """Return the rows of these people, locked in one order, so that mutual acts never deadlock."""
    known = {person.pk for person in people if person is not None}
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=known).order_by("pk")
    return {row.pk: row for row in rows}


def lock_in_turn(*people: User | None) -> dict[int, User]:
    """Lock the administrators' role, then the rows of these people.

    All acts that need both take them in this order, also the acts on the server (ADR 0002).
    """
    lock_role()
    return lock_people(*people)


def lock_role() -> Group:
    """Lock the role of administrators; always before any person's row."""
    return Group.objects.select_for_update().get(name=roles.ADMINISTRATOR)


def require_role(role: str, stores: Sequence[Store]) -> None:
    """Raise UnknownRole, or StoreMissing when a role in a shop comes without an open shop."""
    if role not in roles.PERMISSIONS:
        raise UnknownRole
    if role in roles.IN_A_STORE and not any(store.is_active for store in stores):
        raise StoreMissing(role=role)


def role_in_a_store(user: User) -> str:
    """Return this person's role in shops. Raise NotInAStore."""
    role = next((role for role in roles_of(user) if role in roles.IN_A_STORE), None)
    if role is None:
        raise NotInAStore
    return role


def require_new(username: str, mobile: str) -> None:
    """Raise UsernameTaken or MobileTaken when another person has it."""
    if User.objects.filter(username__iexact=username).exists():
        raise UsernameTaken(username=username)
    require_free_mobile(mobile)


def require_free_mobile(mobile: str, user: User | None = None) -> None:
    """Raise MobileTaken when another member of staff has this number."""
    holder = User.objects.filter(mobile=mobile).first() if mobile else None
    if holder is not None and (user is None or holder.pk != user.pk):
        raise MobileTaken


def keep_one_administrator(user: User) -> None:
    """Raise LastAdministrator when nobody would be left to administer."""
    # Lock the role's row, because two administrators who remove each other would leave none.
    administrators = User.objects.filter(groups=lock_role(), is_active=True)
    if administrators.filter(pk=user.pk).exists() and administrators.count() == 1:
        raise LastAdministrator


def _authorised(
    user: User, actor: User | None, at: datetime, reason: str, *, alone: bool = False
) -> User:
    """Return the person's row, locked, when this administrator may change it alone.

    Raise ReasonMissing, NotAnAdministrator, NotToYourself, AccountHeld, SecondAdministratorNeeded.
    """
    row = lock_in_turn(user, actor)[user.pk]
    require_administrator(actor, reason, over=user, at=at)
    if actor is not None and not alone and powers.decides(row):
        raise SecondAdministratorNeeded
    return row


def _temporary_password() -> str:
    return staff_changes.readable(3)
