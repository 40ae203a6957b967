"""The reference of an activation, KN-7QX-4PW-R2AR (R36, docs/adr/0020).

People read it aloud, and the charging system keeps it as its key.
"""

from superfamilja.values import random_keys

PREFIX = "KN"
_OF_BEFORE = 7  # characters without the check in older references, which were counted
_WITH_PREFIX = {len(PREFIX) + _OF_BEFORE + 1, len(PREFIX) + random_keys.LENGTH + 1}


def new_reference() -> str:
    """Draw a reference. klikon/activation/fresh_reference.py checks that it is free."""
    spelled = random_keys.spelled(random_keys.drawn())
    # Without its prefix it could be read as an older reference with a prefix, if one of the first
    # two letters is misheard or the two are swapped.
    is_ambiguous = not set(PREFIX).isdisjoint(spelled[: len(PREFIX)])
    return new_reference() if is_ambiguous else f"{PREFIX}-{spelled}"


def parse_reference(text: str) -> str:
    """Return the typed reference in its stored form. Raise ValueError when its check is wrong."""
    characters = "".join(c for c in text.upper() if c.isalnum())
    if len(characters) in _WITH_PREFIX:
        characters = characters.removeprefix(PREFIX)
    if len(characters) == _OF_BEFORE + 1:
        random_keys.require_check(characters, _OF_BEFORE)
        return f"{PREFIX}-{characters[:4]}-{characters[4:]}"
    random_keys.read_key(characters)
    return f"{PREFIX}-{random_keys.grouped(characters)}"
