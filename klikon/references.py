"""References that people read aloud: short, no look-alike letters, with a check character."""

# A prime number of characters without 0 O, 1 I L, 8 B, 5 S, 2 Z, 6 G, U V (one of each pair at
# most), so that a wrong or a swapped character always changes the check.
ALPHABET = "234579ACDEFHJKMNPQRTWXY"
_BASE = len(ALPHABET)
_LENGTH = 7
_SPACE = _BASE**_LENGTH  # 3.4 billion references
# Multiplying by a number coprime to the space scatters them: nobody reads off how many there are.
_SCATTER = 2_236_067_977


def reference_for(number: int) -> str:
    """KN-7QX4-PWR2 for the n-th activation. Different numbers never share a reference."""
    value = number * _SCATTER % _SPACE
    characters = ""
    for _ in range(_LENGTH):
        value, digit = divmod(value, _BASE)
        characters += ALPHABET[digit]
    characters += _check(characters)
    return f"KN-{characters[:4]}-{characters[4:]}"


def parse_reference(text: str) -> str:
    """The reference as stored, from however it was typed. Raises ValueError when misheard."""
    characters = "".join(c for c in text.upper() if c.isalnum())
    if len(characters) == len("KN") + _LENGTH + 1:
        characters = characters.removeprefix("KN")
    if (
        len(characters) != _LENGTH + 1
        or set(characters) - set(ALPHABET)
        or _check(characters[:-1]) != characters[-1]
    ):
        raise ValueError(text)
    return f"KN-{characters[:4]}-{characters[4:]}"


def _check(characters: str) -> str:
    weighted = sum((i + 2) * ALPHABET.index(c) for i, c in enumerate(characters))
    return ALPHABET[weighted % _BASE]
