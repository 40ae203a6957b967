"""Read who calls, as a carrier writes it: P-Asserted-Identity, From, or the number alone.

A caller chooses their display name, so nothing between its quotes counts. Text that breaks RFC 3261
(25.1) counts for nothing, and its caller counts as hidden.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from superfamilja.values.phone import UnreadableNumberError, parse_msisdn

_LONGEST = 1000
_QUOTED = r'"(?:[^"\\]|\\.)*"'
# A name without quotes is words; a sign of a URI in it is a trick.
_IDENTITY = re.compile(
    rf"""\s*
    (?: (?: {_QUOTED}\s* | [^"<>,;:@\\]* ) < ([^<>"\s]*) > | ([^"<>,;\s]+) )
    (?: \s*;\s* [^"<>,;=\s]+ (?: \s*=\s* (?: {_QUOTED} | [^"<>,;\s]* ) )? )*
    \s*(?:,|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_SIP = re.compile(r"sips?:([^@]+)@[^@]+", re.IGNORECASE)
_TEL = re.compile(r"tel:(.+)", re.IGNORECASE)
_DIGITS = re.compile(r"[+0-9().\-]{1,40}")
_BARE = re.compile(r"[+0-9().\-\s]{1,40}")
_E164 = re.compile(r"(?:\+|00)?([1-9][0-9]{5,14})")


def asserted_number(*headers: str) -> str:
    """Return the first identity that is a number, in E.164; empty when hidden or none.

    Carriers write <sip:+355671234567@carrier>, tel:0671234567 and 00355671234567, and several at
    once, in one header or in two (RFC 3325, 9.1).
    """
    return next(filter(None, (number for header in headers for number in _numbers(header))), "")


def _numbers(header: str) -> Iterator[str]:
    if _BARE.fullmatch(header):
        yield _e164(re.sub(r"\s", "", header))
        return
    for uri in _uris(header):
        found = _SIP.fullmatch(uri) or _TEL.fullmatch(uri)
        # Before the @, parameters follow a ; (RFC 4694) and a password follows a :.
        yield _e164(unquote(re.split("[;:]", found[1])[0])) if found else ""


def _uris(header: str) -> list[str]:
    """Return all of them, or none when any part of the header is malformed."""
    uris, place = [], 0
    if len(header) > _LONGEST:  # no name is as long, and reading it would take too much time
        return []
    while place < len(header):
        found = _IDENTITY.match(header, place)
        if not found:
            return []
        uris.append(found[1] or found[2] or "")
        place = found.end()
    return uris


def _e164(number: str) -> str:
    if not _DIGITS.fullmatch(number):
        return ""
    try:
        return parse_msisdn(number)
    except UnreadableNumberError:
        found = _E164.fullmatch(re.sub(r"[().\-]", "", number))
        return f"+{found[1]}" if found else ""
