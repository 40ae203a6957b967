"""Keys that never repeat, also on a restored, failed-over or copied database (R36).

A key has 40 random bits, written as ten characters that do not look alike; the last one is a check.
"""

import secrets

# A prime number of characters without 0 O, 1 I L, 8 B, 5 S, 2 Z, 6 G, U V (one of each pair at
# most), so that a wrong or a swapped character always changes the check.
ALPHABET = "234579ACDEFHJKMNPQRTWXY"
BASE = len(ALPHABET)
LENGTH = 9
SPACE = BASE**LENGTH  # 1.8e12: 40.7 bits
# Smaller numbers were counted before keys were drawn, and stay as they are.
SMALLEST = 2**31


def drawn() -> int:
    """Draw a key from the system's random numbers, so that the next one cannot be guessed."""
    return SMALLEST + secrets.randbelow(SPACE - SMALLEST)


def spelled(key: int) -> str:
    """Return the key as people read it out, its check character last: 7QX-4PW-R2AR."""
    characters = ""
    for _ in range(LENGTH):
        key, digit = divmod(key, BASE)
        characters += ALPHABET[digit]
    return grouped(characters + check(characters))


def read_key(characters: str) -> int:
    """Return the key of ten characters without dashes. Raise ValueError when one is wrong."""
    require_check(characters, LENGTH)
    key = 0
    for character in reversed(characters[:-1]):
        key = key * BASE + ALPHABET.index(character)
    if key < SMALLEST:
        raise ValueError(characters)
    return key


def numbered(prefix: str, key: int) -> str:
    """Return a row's reference: D-7QX-4PW-R2AR for a drawn id, D-2231 for a counted one."""
    return f"{prefix}-{spelled(key) if key >= SMALLEST else key}"


def number_of(text: str) -> int:
    """Return the key after a prefix, however it was typed. Raise ValueError."""
    characters = "".join(c for c in text.upper() if c.isalnum())
    if characters.isascii() and characters.isdecimal() and len(characters) < LENGTH + 1:
        return int(characters)
    return read_key(characters)


def grouped(characters: str) -> str:
    """Return the characters in groups that are easy to remember while writing them down."""
    return f"{characters[:3]}-{characters[3:6]}-{characters[6:]}"


def require_check(characters: str, length: int) -> None:
    """Raise ValueError unless the text has that many characters and a correct check."""
    if (
        len(characters) != length + 1
        or set(characters) - set(ALPHABET)
        or check(characters[:-1]) != characters[-1]
    ):
        raise ValueError(characters)


def check(characters: str) -> str:
    """Return the check character. One wrong or two swapped characters always change it."""
    weighted = sum((i + 2) * ALPHABET.index(c) for i, c in enumerate(characters))
    return ALPHABET[weighted % BASE]
