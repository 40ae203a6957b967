"""The reference of an activation, KN-7QX-4PW-R2AR: people read it aloud, and the charging system
keeps it as its key (R36, docs/adr/0020).
"""

from superfamilja.values import random_keys

PREFIX = "KN"
_OF_BEFORE = 7  # characters, without their check, of the references that were counted
_WITH_PREFIX = {len(PREFIX) + _OF_BEFORE + 1, len(PREFIX) + random_keys.LENGTH + 1}


def new_reference() -> str:
    """Draw one. That nobody has it yet is seen by klikon/activation/fresh_reference.py."""
    spelled = random_keys.spelled(random_keys.drawn())
    # Typed without its prefix it would look like an older one that has it, if one of the two is
    # misheard or they are swapped.
    is_ambiguous = not set(PREFIX).isdisjoint(spelled[: len(PREFIX)])
    return new_reference() if is_ambiguous else f"{PREFIX}-{spelled}"


def parse_reference(text: str) -> str:
    """The reference as stored, from however it was typed. Raises ValueError when misheard."""
    characters = "".join(c for c in text.upper() if c.isalnum())
    if len(characters) in _WITH_PREFIX:
        characters = characters.removeprefix(PREFIX)
    if len(characters) == _OF_BEFORE + 1:
        random_keys.require_check(characters, _OF_BEFORE)
        return f"{PREFIX}-{characters[:4]}-{characters[4:]}"
    random_keys.read(characters)
    return f"{PREFIX}-{random_keys.grouped(characters)}"
