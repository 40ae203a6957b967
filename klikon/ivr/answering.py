"""What every way in shares: the number as a carrier writes it, and a call carried by the house."""

import re
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from klikon.ivr.carrying import Carrier, Line
from klikon.ivr.facts import Facts
from klikon.ivr.register import Register
from klikon.models import Adapter
from superfamilja.phone import UnreadableNumberError, parse_msisdn

_E164 = re.compile(r"(?:\+|00)?([1-9][0-9]{5,14})", re.ASCII)


def asserted_number(text: str) -> str:
    """E.164 of the number in a header or an argument; empty when it is hidden or none.

    <sip:+355671234567@carrier>, tel:0671234567 and 00355671234567 are all written by somebody.
    """
    number = re.sub(r"^.*?(?:sips?:|tel:)|[@;>].*$|[\s().\-\"<]", "", text.strip())
    try:
        return parse_msisdn(number)
    except UnreadableNumberError:
        found = _E164.fullmatch(number)
        return f"+{found[1]}" if found else ""


def threads() -> ThreadPoolExecutor:
    """Where calls ask the house; as many at once as there are connections to the database."""
    return ThreadPoolExecutor(settings.IVR_THREADS, thread_name_prefix="ivr")


async def carry(
    line: Line, *, adapter: Adapter, call_id: str, number: str, care: bool, pool: ThreadPoolExecutor
) -> None:
    """One call, from its first moment to its last."""
    facts = Facts(adapter=adapter, call_id=call_id)
    register = Register(adapter=adapter, call_id=call_id)
    await Carrier(line, facts, register, pool).carry(number, care=care)
