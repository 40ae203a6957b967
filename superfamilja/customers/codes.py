"""One-time codes by SMS: six digits, ten minutes, one use, three tries, for one act.

A stranger can neither use up the owner's tries, since a code belongs to the browser that asked
for it, nor the owner's codes of the day, since browsers that have signed in with the number before
count apart. Only digests are kept.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from superfamilja.customers.models import CODE_LIVES, TRIES, OneTimeCode
from superfamilja.customers.refusals import CodeOver, CodeWrong, TooManyCodes, WaitForTheNext
from superfamilja.messages import outbox
from superfamilja.messages.outbox import Sms

CODES_LOCK = 130_010
A_DAY = timedelta(days=1)
NOT_SOONER = timedelta(seconds=30)
# A number's codes in a day, by browsers that know it and by all others; an address's in an hour.
KNOWN_A_DAY = 10
STRANGERS_A_DAY = 5
ADDRESS_AN_HOUR = 30


def send(
    *,
    msisdn: str,
    purpose: str,
    at: datetime,
    address: str,
    sms: Callable[[str], Sms] | None,
    about: str = "",
    known_browser: bool = False,
) -> OneTimeCode:
    """Make a code and write its SMS; `sms` makes it from the digits, None: nobody is there.

    `msisdn` is E.164, `address` where the request came from; only its digest is kept. Raises
    WaitForTheNext, TooManyCodes, alike for numbers that are on file and that are not.
    """
    digits = f"{secrets.randbelow(1_000_000):06}"
    with transaction.atomic():
        _queue(msisdn)
        place = _digest("address", address)
        if OneTimeCode.objects.filter(
            msisdn=msisdn, purpose=purpose, about=about, address=place, made_at__gt=at - NOT_SOONER
        ).exists():
            raise WaitForTheNext
        _require_room(msisdn, place, at, known_browser)
        code = OneTimeCode.objects.create(
            msisdn=msisdn,
            purpose=purpose,
            about=about,
            digest=_digest_of(msisdn, purpose, about, digits),
            made_at=at,
            expires_at=at + CODE_LIVES,
            is_sent=sms is not None,
            known_browser=known_browser,
            address=place,
        )
        if sms:
            outbox.write([sms(digits)], at=at)
    return code


def check(pk: int, *, msisdn: str, purpose: str, typed: str, at: datetime, about: str = "") -> None:
    """Use the code up, once, for exactly this. A wrong try counts, whatever becomes of it.

    Raises CodeOver, CodeWrong.
    """
    with transaction.atomic():
        code = OneTimeCode.objects.select_for_update().filter(pk=pk, msisdn=msisdn).first()
        if code is None or code.is_over(at):
            raise CodeOver
        is_right = code.is_sent and constant_time_compare(
            code.digest, _digest_of(msisdn, purpose, about, _digits_of(typed))
        )
        if is_right:
            code.used_at = at
        else:
            code.tries += 1
        code.save(update_fields=["used_at", "tries"])
    if not is_right:
        if code.tries >= TRIES:
            raise CodeOver
        raise CodeWrong(left=TRIES - code.tries)


def forget(at: datetime) -> int:
    """Remove what no limit counts any more. Returns how many."""
    return OneTimeCode.objects.filter(made_at__lt=at - 2 * A_DAY).delete()[0]


def _queue(msisdn: str) -> None:
    """Who asks twice at once is counted twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [CODES_LOCK, msisdn])


def _require_room(msisdn: str, place: str, at: datetime, known_browser: bool) -> None:
    of_number = OneTimeCode.objects.filter(msisdn=msisdn, known_browser=known_browser)
    today = of_number.filter(made_at__gt=at - A_DAY).count()
    if today >= (KNOWN_A_DAY if known_browser else STRANGERS_A_DAY):
        raise TooManyCodes
    of_address = OneTimeCode.objects.filter(address=place, made_at__gt=at - timedelta(hours=1))
    if not known_browser and of_address.count() >= ADDRESS_AN_HOUR:
        raise TooManyCodes


def _digits_of(typed: str) -> str:
    """As people type it: 482 913, 482-913."""
    return "".join(letter for letter in typed if letter.isdigit())


def _digest_of(msisdn: str, purpose: str, about: str, digits: str) -> str:
    return _digest("code", f"{msisdn}|{purpose}|{about}|{digits}")


def _digest(what: str, text: str) -> str:
    return salted_hmac(f"superfamilja.customers.{what}", text, algorithm="sha256").hexdigest()
