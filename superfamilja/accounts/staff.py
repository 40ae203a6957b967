"""The acts on staff: make, disable, let in again, change the role, move, give a way back in.

Each records who did it, when, to whom and why, in the transaction that does it, and ends the
sessions of the person it concerns. Nobody does any of them to himself.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F

from superfamilja.accounts import roles, store_sessions
from superfamilja.accounts.models import SessionEnd, Store, User
from superfamilja.accounts.refusals import (
    LastAdministrator,
    NotAnAdministrator,
    NotInAStore,
    NotToYourself,
    StoreMissing,
    UnknownRole,
    UsernameTaken,
)
from superfamilja.audit import acts

TEMPORARY_PASSWORD_LIVES = timedelta(hours=72)
# Without the letters and digits that are mistaken for each other when read aloud.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class NewStaff(NamedTuple):
    """A new member of staff, and the password that is told once."""

    user: User
    temporary_password: str


@transaction.atomic
def create_staff(
    *, username: str, name: str, role: str, stores: Sequence[Store] = (),
    actor: User | None, at: datetime, reason: str,
) -> NewStaff:  # fmt: skip
    """Make a member of staff with one role, its shops, and a temporary password.

    Raises ReasonMissing, NotAnAdministrator, UnknownRole, StoreMissing, UsernameTaken.
    """
    require_administrator(actor, reason)
    _require_role(role, stores)
    if User.objects.filter(username__iexact=username).exists():
        raise UsernameTaken(username=username)
    first, _space, last = name.strip().partition(" ")
    password = _temporary_password()
    user = User(
        username=username, first_name=first, last_name=last, is_staff=True,
        temporary_password_until=at + TEMPORARY_PASSWORD_LIVES,
    )  # fmt: skip
    user.set_password(password)
    user.save()
    codes = _give_role(user, role, stores)
    _record("create_staff", user, actor, at, reason, role=role, stores=codes)
    return NewStaff(user, password)


@transaction.atomic
def disable_staff(*, user: User, actor: User | None, at: datetime, reason: str) -> None:
    """Shut the account and end its sessions: the next request of this person is refused.

    Raises ReasonMissing, NotAnAdministrator, NotToYourself, LastAdministrator.
    """
    require_administrator(actor, reason, over=user)
    user = _locked(user)
    _keep_one_administrator(user)
    user.is_active = False
    _end_sessions(user, at)
    _record("disable_staff", user, actor, at, reason)


@transaction.atomic
def enable_staff(*, user: User, actor: User | None, at: datetime, reason: str) -> None:
    """Let a disabled person sign in again, with password and second factor as they were.

    Raises ReasonMissing, NotAnAdministrator, NotToYourself.
    """
    require_administrator(actor, reason, over=user)
    user = _locked(user)
    user.is_active = True
    _end_sessions(user, at)
    _record("enable_staff", user, actor, at, reason)


@transaction.atomic
def change_role(
    *, user: User, role: str, stores: Sequence[Store] = (),
    actor: User | None, at: datetime, reason: str,
) -> None:  # fmt: skip
    """Give this person another role, in place of every role held, and end the sessions.

    The shops go with a role in a shop; with another one the person has none.

    Raises ReasonMissing, NotAnAdministrator, NotToYourself, UnknownRole, StoreMissing,
    LastAdministrator.
    """
    require_administrator(actor, reason, over=user)
    _require_role(role, stores)
    user = _locked(user)
    before = roles_of(user)
    if role != roles.ADMINISTRATOR:
        _keep_one_administrator(user)
    codes = _give_role(user, role, stores)
    _end_sessions(user, at)
    _record("change_role", user, actor, at, reason, before=before, role=role, stores=codes)


@transaction.atomic
def move_staff(
    *, user: User, stores: Sequence[Store], actor: User | None, at: datetime, reason: str
) -> None:
    """Let this person work in these shops, and in no other: the next request signs in anew.

    Raises ReasonMissing, NotAnAdministrator, NotToYourself, NotInAStore, StoreMissing.
    """
    require_administrator(actor, reason, over=user)
    user = _locked(user)
    role = next((role for role in roles_of(user) if role in roles.IN_A_STORE), None)
    if role is None:
        raise NotInAStore
    _require_role(role, stores)
    before = codes_of(user)
    user.stores.set(stores)
    _end_sessions(user, at)
    _record("move_staff", user, actor, at, reason, before=before, stores=codes_of(user))


@transaction.atomic
def give_temporary_password(*, user: User, actor: User | None, at: datetime, reason: str) -> str:
    """A password for one sign-in, after which the person chooses another. Told once.

    Raises ReasonMissing, NotAnAdministrator, NotToYourself.
    """
    require_administrator(actor, reason, over=user)
    user = _locked(user)
    password = _temporary_password()
    user.set_password(password)
    user.temporary_password_until = at + TEMPORARY_PASSWORD_LIVES
    _end_sessions(user, at)
    _record("give_temporary_password", user, actor, at, reason)
    return password


@transaction.atomic
def reset_second_factor(*, user: User, actor: User | None, at: datetime, reason: str) -> None:
    """Forget a lost second factor and its recovery codes: the next sign-in sets up a new one.

    Raises ReasonMissing, NotAnAdministrator, NotToYourself.
    """
    require_administrator(actor, reason, over=user)
    user = _locked(user)
    Authenticator.objects.filter(user=user).delete()
    _end_sessions(user, at)
    _record("reset_second_factor", user, actor, at, reason)


@transaction.atomic
def sign_out_everywhere(*, user: User, at: datetime) -> None:
    """End every session of this person, at his own wish."""
    _end_sessions(_locked(user), at, SessionEnd.SIGNED_OUT)
    acts.record("sign_out_everywhere", actor=user, at=at, user=user.pk)


def roles_of(user: User) -> list[str]:
    """The names of this person's roles."""
    return sorted(user.groups.values_list("name", flat=True))


def codes_of(user: User) -> list[str]:
    """The codes of the shops in which this person works."""
    return list(user.stores.values_list("code", flat=True))


def require_administrator(
    actor: User | None,
    reason: str,
    over: User | None = None,
    permission: str = "accounts.change_user",
) -> None:
    """The system (no actor) may; a person must hold the permission, and not over himself.

    Raises ReasonMissing, NotAnAdministrator, NotToYourself.
    """
    acts.require_reason(actor, reason)
    if actor is None:
        return
    if not actor.has_perm(permission):
        raise NotAnAdministrator
    if over is not None and over.pk == actor.pk:
        raise NotToYourself


def _require_role(role: str, stores: Sequence[Store]) -> None:
    if role not in roles.PERMISSIONS:
        raise UnknownRole
    if role in roles.IN_A_STORE and not any(store.is_active for store in stores):
        raise StoreMissing(role=role)


def _give_role(user: User, role: str, stores: Sequence[Store]) -> list[str]:
    """The codes of the shops in which the person works now."""
    user.groups.set([Group.objects.get(name=role)])
    user.stores.set(stores if role in roles.IN_A_STORE else [])
    return codes_of(user)


def _keep_one_administrator(user: User) -> None:
    # The role's row in turn: two administrators who remove each other would leave none.
    role = Group.objects.select_for_update().get(name=roles.ADMINISTRATOR)
    administrators = User.objects.filter(groups=role, is_active=True)
    if administrators.filter(pk=user.pk).exists() and administrators.count() == 1:
        raise LastAdministrator


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _end_sessions(user: User, at: datetime, how: SessionEnd = SessionEnd.ADMINISTRATOR) -> None:
    """Save, with one more sign-out: every session opened before is dead."""
    user.sign_outs = F("sign_outs") + 1
    user.save()
    store_sessions.end(store_sessions.still_open().filter(user=user), how, at)


def _temporary_password() -> str:
    return "-".join("".join(secrets.choice(READABLE) for _ in range(5)) for _ in range(3))


def _record(
    verb: str, user: User, actor: User | None, at: datetime, reason: str, **details: Any
) -> None:
    acts.record(
        verb, actor=actor, at=at, reason=reason,
        user=user.pk, username=user.username, **details,
    )  # fmt: skip
