"""Make administrators on the server: the first two, and one more when fewer than two are left.

The shell of the server stands above every rule of the portal. Therefore these acts are in the audit
and the log, every other administrator is told, and the new account is held for a day.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from superfamilja.accounts import roles, staff, staff_changes
from superfamilja.accounts.doing import Doing
from superfamilja.accounts.models import User
from superfamilja.accounts.refusals import MobileMissing
from superfamilja.accounts.second_person import holding, notices
from superfamilja.accounts.staff import NewStaff
from superfamilja.audit import acts
from superfamilja.refusal import Refusal

log = logging.getLogger(__name__)
NEEDED = 2


class AdministratorsStand(Refusal):
    rule = "R35"
    code = "administrators_stand"
    sentence = gettext_noop(
        "Two administrators stand already: they make and change accounts in the portal, one asks "
        "and the other confirms. Nothing was done."
    )


class NotTheFirst(Refusal):
    rule = "R35"
    code = "not_the_first"
    sentence = gettext_noop(
        "There were administrators before. Run administrator_by_server: it is recorded, told to "
        "the others, and held for a day. Nothing was done."
    )


class NotAnAdministratorsAccount(Refusal):
    rule = "R35"
    code = "not_an_administrators_account"
    sentence = gettext_noop(
        "“%(username)s” is another role's account. Name an administrator's, or a new username."
    )


class Newcomer(NamedTuple):
    """A person who becomes an administrator."""

    username: str
    name: str
    mobile: str


@transaction.atomic
def make_first_administrators(
    *, people: Sequence[Newcomer], at: datetime, reason: str, server: dict[str, Any]
) -> list[NewStaff]:
    """Make the first two administrators of an installation.

    They are not held when there is no other staff yet, because there is no account to take over.
    `server` says who ran it where. Raise AdministratorsStand, NotTheFirst, MobileMissing,
    UsernameTaken.
    """
    administrators = _administrators()
    if administrators.filter(is_active=True).count() >= NEEDED:
        raise AdministratorsStand
    if administrators.exists():
        raise NotTheFirst
    is_empty = not User.objects.filter(is_staff=True).exists()
    made = [_make(person, at, reason, is_held=not is_empty) for person in people]
    names = [new.user.username for new in made]
    acts.record("first_administrators", actor=None, at=at, reason=reason, names=names, **server)
    log.warning("The first administrators were made on the server.")
    return made


@transaction.atomic
def make_by_server(
    *, person: Newcomer, at: datetime, reason: str, server: dict[str, Any]
) -> NewStaff:
    """Make an administrator, or let one in again who lost their way in.

    Possible only while fewer than two others could do it in the portal. The account is held for a
    day; its owner and every other administrator are told. Raise AdministratorsStand,
    NotAnAdministratorsAccount, MobileMissing, MobileTaken.
    """
    others = _administrators().exclude(username__iexact=person.username)
    if others.filter(is_active=True).count() >= NEEDED:
        raise AdministratorsStand
    known = User.objects.filter(username__iexact=person.username).first()
    if known is None:
        made = _make(person, at, reason, is_held=True)
    else:
        made = _let_in_again(known, person.mobile, at, reason)
    details = {"user": made.user.pk, "username": made.user.username, **server}
    acts.record("administrator_by_server", actor=None, at=at, reason=reason, **details)
    _tell_everybody(made.user, others, at, reason)
    log.warning("AN ADMINISTRATOR WAS MADE OR LET IN AGAIN ON THE SERVER. The trail says why.")
    return made


def _administrators() -> QuerySet[User]:
    # Lock the role's row, because two commands at once would each find one administrator missing.
    return User.objects.filter(groups=staff.lock_role())


def _make(person: Newcomer, at: datetime, reason: str, *, is_held: bool) -> NewStaff:
    if not person.mobile:
        raise MobileMissing
    made = staff.create_staff(
        username=person.username,
        name=person.name,
        role=roles.ADMINISTRATOR,
        mobile=person.mobile,
        actor=None,
        at=at,
        reason=reason,
    )
    if is_held:
        _hold_and_tell(made.user, "create_staff", at, reason)
    return made


def _let_in_again(known: User, mobile: str, at: datetime, reason: str) -> NewStaff:
    """Give the same account a new way in: enabled, a temporary password, no second factor."""
    user = staff.lock_people(known)[known.pk]
    if roles.ADMINISTRATOR not in staff.roles_of(user):
        raise NotAnAdministratorsAccount(username=user.username)
    before = user.mobile
    if mobile:
        staff.require_free_mobile(mobile, user)
        user.mobile = mobile
    if not user.mobile:
        raise MobileMissing
    user.is_active = True
    Authenticator.objects.filter(user=user).delete()
    password = staff_changes.readable(3)
    staff_changes.set_password(Doing(None, at, reason), user, password=password)
    user.refresh_from_db()
    _hold_and_tell(user, "administrator_by_server", at, reason, before)
    return NewStaff(user, password)


def _hold_and_tell(user: User, verb: str, at: datetime, reason: str, before: str = "") -> None:
    holding.hold(user, at)
    notices.tell_of_server(verb, user, at, reason)
    user.save()
    notices.send_changed(verb, user, at, before)


def _tell_everybody(subject: User, others: QuerySet[User], at: datetime, reason: str) -> None:
    """Tell every other administrator at their next sign-in and by SMS."""
    words = f"{subject.username}: {reason}"
    for other in staff.lock_people(*others.filter(is_active=True)).values():
        notices.tell_of_server("administrator_by_server", other, at, words)
        other.save()
        notices.send_changed("administrator_by_server", other, at)


def server_details(system_user: str, host: str) -> dict[str, Any]:
    """Return who ran the command on which machine, for the audit."""
    return {"server_user": system_user, "host": host, "hours": settings.STAFF_HOLD_HOURS}
