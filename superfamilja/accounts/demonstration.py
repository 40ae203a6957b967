"""Staff of the demonstration: one for each role, with second factors that the pages tell.

Everything here refuses to run outside the demonstration, and a system check says so too.
"""

from base64 import b32encode
from hashlib import sha1
from time import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from superfamilja.accounts import roles
from superfamilja.accounts.models import User

PASSWORD = "demonstrim-klik-on"  # noqa: S105 - told to everyone who looks
REASON = "demonstration"
STORE = "D01"

PEOPLE = {
    "agjenti": ("Alba Agjente", roles.CARE_AGENT),
    "kleriku": ("Klea Kleriku", roles.STORE_CLERK),
    "menaxheri": ("Mondi Menaxheri", roles.STORE_MANAGER),
    "shqyrtuesi": ("Shpresa Shqyrtuesi", roles.BILLING_REVIEWER),
    "miratuesi": ("Mirjeta Miratuesi", roles.BILLING_APPROVER),
    "auditori": ("Auron Auditori", roles.AUDITOR),
    "administratori": ("Ada Administratori", roles.ADMINISTRATOR),
}


def current_code(username: str) -> str | None:
    """The code of this demonstration account now; None for every other account."""
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
    """The code now of each demonstration account that has its fixed second factor still."""
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
    """The fixed secret of a demonstration account."""
    require_demonstration()
    digest = sha1(f"klik-on demonstration {username}".encode(), usedforsecurity=False).digest()
    return b32encode(digest).decode()


def give_second_factor(user: User) -> None:
    """Put back this account's fixed second factor, unless it is in place."""
    if current_code(user.username) is None:
        Authenticator.objects.filter(user=user).delete()
        totp.TOTP.activate(user, secret_of(user.username))


def require_demonstration() -> None:
    """Raises ImproperlyConfigured in production."""
    if not settings.DEMONSTRATION or settings.MODE == "production":
        raise ImproperlyConfigured("Demonstration accounts exist in a demonstration only.")
