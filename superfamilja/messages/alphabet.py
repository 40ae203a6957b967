"""Count the SMS parts of a text: the alphabet decides, and joined parts have less room each.

A letter that takes two places, after an escape or as a pair, is never split between two parts.
"""

# GSM 03.38. A letter outside of it (ë and ç are; Ç is not) turns the whole text into UCS-2.
_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_AFTER_ESCAPE = dict(zip("\f^{}\\[~]|€", b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", strict=True))
_PLACES = {letter: bytes([place]) for place, letter in enumerate(_TABLE) if place != _ESCAPE}
_PLACES |= {letter: bytes([_ESCAPE, place]) for letter, place in _AFTER_ESCAPE.items()}


def is_gsm(text: str) -> bool:
    """Return whether the text is written in GSM 03.38 alone."""
    return all(letter in _PLACES for letter in text)


def gsm_octets(text: str) -> bytes:
    """Return the text in GSM 03.38, one letter an octet. Raises KeyError for a letter outside."""
    return b"".join(_PLACES[letter] for letter in text)


def segments(text: str) -> int:
    """Return the number of parts that are sent and paid."""
    return len(split(text))


def split(text: str) -> list[str]:
    """Return the parts of the text, none longer than an SMS has room for."""
    if is_gsm(text):
        return _parts(text, [len(_PLACES[letter]) for letter in text], whole=160, part=153)
    return _parts(text, [len(c.encode("utf-16-be")) // 2 for c in text], whole=70, part=67)


def _parts(text: str, places: list[int], *, whole: int, part: int) -> list[str]:
    if sum(places) <= whole:
        return [text]
    starts, used = [0], 0
    for at, size in enumerate(places):
        if used + size > part:
            starts.append(at)
            used = 0
        used += size
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
