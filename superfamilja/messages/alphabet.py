"""How many SMS a text is: by its alphabet, and one joined of parts has less room in each."""

import math

# GSM 03.38. A letter outside of it (ë and ç are; Ç is not) turns the whole text into UCS-2.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a letter: two places


def segments(text: str) -> int:
    """Parts that the text is sent, and paid, in. A pair is never torn apart between two parts."""
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
