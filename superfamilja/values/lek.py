"""Money: whole Lek as integers, VAT included; the VAT itself to the hundredth."""

import re
from decimal import ROUND_HALF_UP, Decimal

from superfamilja.values import texts

VAT_PERCENT = 20
MOST_LEK = 2_147_483_647  # the largest amount of a database column

_WRITTEN = re.compile(r"([0-9][0-9., ]{0,30}?) ?(?:lek[eë]?|all)?", re.IGNORECASE)
_WHOLE = re.compile(
    r"([0-9]{1,15}|[0-9]{1,3}(?:\.[0-9]{3}){1,4}|[0-9]{1,3}(?: [0-9]{3}){1,4})(?:,00)?"
)
_LAST_MARK = re.compile(r"([0-9., ]*[0-9])([.,])([0-9]+)")


def vat_within(total_lek: int) -> Decimal:
    """Return the VAT inside a total in Lek, half-up to 0.01, computed once on a total (E2)."""
    return (Decimal(total_lek) * VAT_PERCENT / (100 + VAT_PERCENT)).quantize(
        Decimal("0.01"), ROUND_HALF_UP
    )


def grouped(amount_lek: int) -> str:
    """Return 6.500 for 6500, as Albanian writes it, in either language of the portal."""
    return f"{amount_lek:,}".replace(",", ".")


def lek(amount_lek: int) -> str:
    """Return «6.500 Lekë». An amount never stands alone, because people still think in old lek."""
    return f"{grouped(amount_lek)} Lekë"


class UnreadableAmount(ValueError):  # noqa: N818 - it is an answer, not an error
    """The text is no amount; `readings` lists the amounts that it could mean, in Lek."""

    def __init__(self, text: str, *readings: str) -> None:
        super().__init__(text)
        self.readings = readings


def parse_lek(text: str) -> int:
    """Read whole Lek as people write them: 2000, 2.000, 2 000, «2.000,00 Lekë» → 2000.

    Refuse a text that may be a fraction or thousands (1,000 and 1.00). Raise UnreadableAmount.
    """
    found = _WRITTEN.fullmatch(texts.clean(text))
    if found is None:
        raise UnreadableAmount(text)
    number = found[1]
    if whole := _WHOLE.fullmatch(number):
        return int(re.sub("[ .]", "", whole[1]))
    raise UnreadableAmount(text, *_readings(number))


def _readings(number: str) -> tuple[str, ...]:
    """Return its readings: with decimals and, when only one kind of mark occurs, with thousands."""
    parts = _LAST_MARK.fullmatch(number)
    if parts is None:
        return ()
    whole, mark, cents = parts.groups()
    digits = re.sub("[., ]", "", whole)
    as_decimal = grouped(int(digits)) + (f",{cents}" if int(cents) else "") + " Lekë"
    if {*whole} & {*"., "} - {mark}:
        return (as_decimal,)
    return as_decimal, lek(int(digits + cents))
