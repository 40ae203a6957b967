"""Count the SMS parts of a text: the alphabet decides, and joined parts have less room each."""

import math

# GSM 03.38. One letter outside of it (ë and ç are; Ç is not) turns the whole text into UCS-2.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # escape and letter: two places


def segments(text: str) -> int:
    """Return the number of parts that are sent and paid.

    A pair is never split between two parts.
    """
    letters = set(text)
    if letters <= _BASIC | _EXTENDED:
        return _parts([2 if letter in _EXTENDED else 1 for letter in text], whole=160, part=153)
    return _parts([len(letter.encode("utf-16-be")) // 2 for letter in text], whole=70, part=67)


def _parts(places: list[int], *, whole: int, part: int) -> int:
    if sum(places) <= whole:
        return 1
    if max(places) == 1:
        return math.ceil(len(places) / part)
    parts, used = 1, 0
    for size in places:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
