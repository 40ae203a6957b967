"""Phone numbers: stored as E.164, accepted however people write them.

Membership and not the prefix decides who belongs to Klik-ON, because numbers are ported.
"""

import re

import phonenumbers

from superfamilja.values import texts

_WRITTEN = re.compile(r"[+\d\s().\-/]+")
MOBILE_SHAPE = r"6[789][0-9]{7}"  # after +355
FIXED_SHAPE = r"[2-58][0-9]{7}"


class UnreadableNumberError(ValueError):
    """The text is not an Albanian phone number of the wanted kind."""


def parse_msisdn(text: str) -> str:
    """Return the E.164 form of an Albanian mobile number: 067 123 4567 → +355671234567.

    Raises UnreadableNumberError.
    """
    return _parse(text, MOBILE_SHAPE)


def parse_fixed(text: str) -> str:
    """Return the E.164 form of an Albanian fixed number: 04 222 3344 → +35542223344.

    Raises UnreadableNumberError.
    """
    return _parse(text, FIXED_SHAPE)


def _parse(text: str, shape: str) -> str:
    written = texts.clean_code(text)
    try:
        if not _WRITTEN.fullmatch(written):
            raise UnreadableNumberError(text)
        number = phonenumbers.parse(written, "AL")
    except phonenumbers.NumberParseException as error:
        raise UnreadableNumberError(text) from error
    national = str(number.national_number)
    if number.country_code != 355 or not re.fullmatch(shape, national):
        raise UnreadableNumberError(text)
    return f"+355{national}"


def spoken(e164: str) -> str:
    """Return the number as people write it: 067 123 4567 for +355671234567, 04 222 3344."""
    national = "0" + e164.removeprefix("+355")
    if len(national) == 10:
        return f"{national[:3]} {national[3:6]} {national[6:]}"
    return f"{national[:-7]} {national[-7:-4]} {national[-4:]}"


def masked(e164: str) -> str:
    """Return enough to recognise one's own number: ***567."""
    return f"***{e164[-3:]}"
