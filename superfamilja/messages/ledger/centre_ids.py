"""The ids that SMS centres give, in the forms in which they come back.

An answer may say 00B8BE19 and its receipt 12107289, 0012107289 or b8be19: one number, spelled in
another base, case or length. An id that is no number is compared as it stands, without its case.
"""

import re

_DECIMAL = re.compile(r"\d+")
_HEXADECIMAL = re.compile(r"[0-9a-f]+")
_LONGEST = 20  # digits; a longer one is a text, for no centre counts that far


def key_of(spelled: str) -> str:
    """Return the id as it is kept and looked up: without case, leading zeros and spaces."""
    plain = spelled.strip().lower()
    return plain.lstrip("0") or plain[:1]


def forms_of(spelled: str) -> list[str]:
    """Return the keys under which the id of a receipt may be kept, the literal one first."""
    key = key_of(spelled)
    found = [key]
    if len(key) <= _LONGEST:
        if _DECIMAL.fullmatch(key):
            found.append(f"{int(key):x}")
        if _HEXADECIMAL.fullmatch(key):
            found.append(str(int(key, 16)))
    return list(dict.fromkeys(found))
