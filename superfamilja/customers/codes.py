"""Send and check one-time codes by SMS: six digits, ten minutes, one use, three tries, one act.

A stranger cannot use up the owner's tries, because a code belongs to the browser that asked for it.
Nor can they use up the owner's codes of the day, because browsers that signed in with the number
before have a count of their own. The database keeps only digests.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from superfamilja.customers.models import CODE_LIVES, TRIES, OneTimeCode
from superfamilja.customers.refusals import (
    CodeOver,
    CodeWrong,
    TooManyCodes,
    TooManyCodesAtCounters,
    WaitForTheNext,
)
from superfamilja.data.advisory_locks import CODES_LOCK
from superfamilja.messages import outbox
from superfamilja.messages import secrets as secrets_of_messages
from superfamilja.messages.outbox import Sms

A_DAY = timedelta(days=1)
NOT_SOONER = timedelta(seconds=30)
# A number's codes a day: for browsers that know it, and for all others. An address's codes an hour
# are a setting, because one address of a mobile network may serve thousands of families.
KNOWN_A_DAY = 10
STRANGERS_A_DAY = 5
# Codes read out at a counter have a count of their own. So a stranger on the web cannot shut the
# shop for the owner who stands there, and the shop does not use up the owner's codes.
AT_COUNTERS_A_DAY = 10


def send(
    *,
    msisdn: str,
    purpose: str,
    at: datetime,
    address: str,
    sms: Callable[[str], Sms] | None,
    about: str = "",
    known_browser: bool = False,
    at_a_counter: bool = False,
) -> OneTimeCode:
    """Make a code and write its SMS; `sms` builds it from the digits, None sends none.

    `msisdn` is E.164. `address` is where the request came from; only its digest is kept. With
    `at_a_counter` a member of staff asks for the customer in front of them. Raise WaitForTheNext,
    TooManyCodes or TooManyCodesAtCounters, whether or not the number is on file.
    """
    digits = f"{secrets.randbelow(1_000_000):06}"
    with transaction.atomic():
        _queue(msisdn)
        place = _digest("address", address)
        if OneTimeCode.objects.filter(
            msisdn=msisdn, purpose=purpose, about=about, address=place, made_at__gt=at - NOT_SOONER
        ).exists():
            raise WaitForTheNext
        if at_a_counter:
            _require_room_at_counters(msisdn, at)
        else:
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
            at_a_counter=at_a_counter,
            address=place,
        )
        if sms:
            outbox.write([sms(digits)], at=at)
    return code


@dataclass(frozen=True)
class Typed:
    """A typed code, and the code row that it must match: this number and this act."""

    pk: int
    msisdn: str
    purpose: str
    digits: str
    about: str = ""


def check(pk: int, *, msisdn: str, purpose: str, typed: str, at: datetime, about: str = "") -> None:
    """Use the code up, once, for exactly this act. A wrong try counts even if the caller fails.

    Raises CodeOver, CodeWrong.
    """
    check_all([Typed(pk, msisdn, purpose, typed, about)], at=at)


def check_all(answers: Sequence[Typed], *, at: datetime) -> None:
    """Use all of them up, or none: each wrong one counts as a try, the others stay valid.

    Raises CodeOver, and CodeWrong with the `wrong` purposes.
    """
    with transaction.atomic():
        rows = OneTimeCode.objects.select_for_update().order_by("pk")
        codes = rows.in_bulk([answer.pk for answer in answers])
        found = [(answer, codes.get(answer.pk)) for answer in answers]
        pairs = [(a, c) for a, c in found if c is not None and c.msisdn == a.msisdn]
        if len(pairs) < len(answers) or any(code.is_over(at) for _, code in pairs):
            raise CodeOver
        wrong = [(answer, code) for answer, code in pairs if not _is_right(answer, code)]
        for _answer, code in wrong:
            code.tries += 1
        if not wrong:
            for _answer, code in pairs:
                code.used_at = at
        for _answer, code in pairs:
            code.save(update_fields=["used_at", "tries"])
        secrets_of_messages.blank((c.msisdn, c.made_at) for _, c in pairs if c.is_over(at))
    if any(code.tries >= TRIES for _, code in wrong):
        raise CodeOver
    if wrong:
        left = min(TRIES - code.tries for _, code in wrong)
        raise CodeWrong(left=left, wrong=[answer.purpose for answer, _ in wrong])


def forget(at: datetime) -> int:
    """Remove the codes that no limit counts any more; return how many."""
    return OneTimeCode.objects.filter(made_at__lt=at - 2 * A_DAY).delete()[0]


def _is_right(answer: Typed, code: OneTimeCode) -> bool:
    digest = _digest_of(answer.msisdn, answer.purpose, answer.about, _digits_of(answer.digits))
    return code.is_sent and constant_time_compare(code.digest, digest)


def _queue(msisdn: str) -> None:
    """Take turns, so that two simultaneous requests count as two."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [CODES_LOCK, msisdn])


def _require_room(msisdn: str, place: str, at: datetime, known_browser: bool) -> None:
    of_browsers = OneTimeCode.objects.filter(at_a_counter=False)
    of_number = of_browsers.filter(msisdn=msisdn, known_browser=known_browser)
    today = of_number.filter(made_at__gt=at - A_DAY).count()
    if today >= (KNOWN_A_DAY if known_browser else STRANGERS_A_DAY):
        raise TooManyCodes
    of_address = of_browsers.filter(address=place, made_at__gt=at - timedelta(hours=1))
    strangers = of_address.filter(known_browser=False)
    if not known_browser and strangers.count() >= settings.FAMILY_CODES_AN_HOUR:
        raise TooManyCodes


def _require_room_at_counters(msisdn: str, at: datetime) -> None:
    """Limit by number only, because a shop has one address for all its clerks."""
    of_number = OneTimeCode.objects.filter(msisdn=msisdn, at_a_counter=True)
    if of_number.filter(made_at__gt=at - A_DAY).count() >= AT_COUNTERS_A_DAY:
        raise TooManyCodesAtCounters


def _digits_of(typed: str) -> str:
    """Return the digits as people type them: 482 913, 482-913."""
    return "".join(letter for letter in typed if letter.isdigit())


def _digest_of(msisdn: str, purpose: str, about: str, digits: str) -> str:
    return _digest("code", f"{msisdn}|{purpose}|{about}|{digits}")


def _digest(what: str, text: str) -> str:
    return salted_hmac(f"superfamilja.customers.{what}", text, algorithm="sha256").hexdigest()
