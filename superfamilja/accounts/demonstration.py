"""Staff of the demonstration: every role, two shops, second factors that the pages tell.

Everything here refuses to run outside the demonstration, and a system check says so too.
"""

from base64 import b32encode
from hashlib import sha1
from time import time
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import Store, User
from superfamilja.accounts.store_register import store_acts
from superfamilja.clock import portal_clock

PASSWORD = "demonstrim-klik-on"  # noqa: S105 - told to everyone who looks
REASON = "demonstration"
STORES = {"D01": ("Tirana 3", "Tiranë"), "D02": ("Durrës 1", "Durrës")}


class DemonstrationPerson(NamedTuple):
    """A person of the demonstration, and the codes of the shops in which they work."""

    name: str
    role: str
    stores: tuple[str, ...] = ()
    mobile: str = ""


PEOPLE = {
    "agjenti": DemonstrationPerson("Alba Agjente", roles.CARE_AGENT, mobile="+355690000905"),
    "kleriku": DemonstrationPerson("Klea Kleriku", roles.STORE_CLERK, ("D01",)),
    "menaxheri": DemonstrationPerson(
        "Mondi Menaxheri", roles.STORE_MANAGER, ("D01",), "+355690000904"
    ),
    "kleriku2": DemonstrationPerson("Kreshnik Klerku", roles.STORE_CLERK, ("D02",)),
    "menaxheri2": DemonstrationPerson(
        "Manjola Menaxhere", roles.STORE_MANAGER, ("D02",), "+355690000907"
    ),
    "dydyqane": DemonstrationPerson("Dyqana Dyshe", roles.STORE_CLERK, ("D01", "D02")),
    "shqyrtuesi": DemonstrationPerson(
        "Shpresa Shqyrtuesi", roles.BILLING_REVIEWER, mobile="+355690000906"
    ),
    "miratuesi": DemonstrationPerson(
        "Mirjeta Miratuesi", roles.BILLING_APPROVER, mobile="+355690000903"
    ),
    "auditori": DemonstrationPerson("Auron Auditori", roles.AUDITOR),
    "administratori": DemonstrationPerson(
        "Ada Administratori", roles.ADMINISTRATOR, mobile="+355690000901"
    ),
    "administratori2": DemonstrationPerson(
        "Arben Administratori", roles.ADMINISTRATOR, mobile="+355690000902"
    ),
}


@transaction.atomic
def create_staff() -> None:
    """Make the shops and the people, ready to sign in.

    A repeated call restores names, passwords, roles, shops and second factors. It leaves a hold in
    place: the hold is as real as in production, and ends after a day.
    """
    require_demonstration()
    for code, (name, place) in STORES.items():
        _put_store(code, name, place)
    for username, person in PEOPLE.items():
        _put_person(username, person)


def _put_store(code: str, name: str, place: str) -> None:
    store, now = Store.objects.filter(code=code).first(), portal_clock.now()
    if store is None:
        store_acts.make_store(code=code, name=name, place=place, actor=None, at=now, reason=REASON)
        return
    if (store.name, store.place) != (name, place):
        store_acts.rename_store(
            store=store, name=name, place=place, actor=None, at=now, reason=REASON
        )
    if not store.is_active:
        store_acts.reopen_store(store=store, actor=None, at=now, reason=REASON)


def _put_person(username: str, person: DemonstrationPerson) -> None:
    user, now = User.objects.filter(username=username).first(), portal_clock.now()
    stores = list(Store.objects.filter(code__in=person.stores))
    if user is None:
        user = staff.create_staff(
            username=username,
            name=person.name,
            role=person.role,
            stores=stores,
            mobile=person.mobile,
            actor=None,
            at=now,
            reason=REASON,
        ).user
    elif (staff.roles_of(user), staff.codes_of(user)) != ([person.role], [*person.stores]):
        staff.change_role(
            user=user, role=person.role, stores=stores, actor=None, at=now, reason=REASON
        )
        user.refresh_from_db()
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
    user.is_active, user.temporary_password_until = True, None
    user.mobile, user.told_at = person.mobile, None
    user.save()
    give_second_factor(user)


def current_code(username: str) -> str | None:
    """Return the current code of this demonstration account, or None for every other account."""
    require_demonstration()
    found = Authenticator.objects.filter(
        user__username=username, type=Authenticator.Type.TOTP
    ).first()
    if username not in PEOPLE or found is None:
        return None
    if totp.decrypt(found.data["secret"]) != secret_of(username):
        return None
    return _code_now(username)


def current_codes() -> dict[str, str]:
    """Return the current code of each demonstration account with its fixed second factor."""
    require_demonstration()
    found = Authenticator.objects.filter(
        user__username__in=PEOPLE, type=Authenticator.Type.TOTP
    ).values_list("user__username", "data")
    return {
        username: _code_now(username)
        for username, data in found
        if totp.decrypt(data["secret"]) == secret_of(username)
    }


def _code_now(username: str) -> str:
    counter = int(time()) // 30
    return str(totp.format_hotp_value(totp.hotp_value(secret_of(username), counter)))


def secret_of(username: str) -> str:
    """Return the fixed secret of a demonstration account."""
    require_demonstration()
    digest = sha1(f"klik-on demonstration {username}".encode(), usedforsecurity=False).digest()
    return b32encode(digest).decode()


def give_second_factor(user: User) -> None:
    """Put back this account's fixed second factor, unless it is in place."""
    if current_code(user.username) is None:
        Authenticator.objects.filter(user=user).delete()
        totp.TOTP.activate(user, secret_of(user.username))


def require_demonstration() -> None:
    """Raise ImproperlyConfigured in production."""
    if not settings.DEMONSTRATION or settings.MODE == "production":
        raise ImproperlyConfigured("Demonstration accounts exist in a demonstration only.")
