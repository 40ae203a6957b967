"""Normalise text, so that texts that look the same are the same (docs/adr/0025).

Files, forms, search boxes and commands all use this normaliser. The database refuses text that did
not go through it (superfamilja/data/clean_text.py).
"""

import re
import unicodedata

# The letters of Windows for 0x80 to 0x9f, which become C1 control characters when read as Latin-1.
_FROM_CP1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
# Blanks that Unicode counts as letters or symbols, and marks that it does not count as format
# marks.
_BLANKS = "\u2800\u3164\u115f\u1160\uffa0"
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\u2028\u2029]")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
_ASCII_DASHES = str.maketrans(dict.fromkeys(_DASHES, "-"))
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
# The letters that a clean text never holds, for Python and for the database.
_UNSEEN_LETTERS = (
    r"[\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2"
    r"\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800"
    r"\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0001-\U000e01ef]"
)
_UNSEEN = re.compile(_UNSEEN_LETTERS)
UNSEEN_SQL = f"{_UNSEEN_LETTERS}|^ | $|  "


def clean(text: str) -> str:
    """Return one line: trimmed, one space between words, no invisible letters, in NFC."""
    if _PLAIN.fullmatch(text):
        return text
    return " ".join(_seen(text).split())


def clean_lines(text: str) -> str:
    """Return a text of several lines, cleaned the same way; the line breaks stay."""
    lines = [clean(line) for line in _LINE_ENDS.split(text)]
    return "\n".join(lines).strip("\n")


def clean_code(text: str) -> str:
    """Return a copied number or code: cleaned, every dash as “-”, every letter in its usual width.

    It may still hold letters outside of ASCII that look like others; `is_code` says so.
    """
    if _PLAIN.fullmatch(text):
        return text
    return clean(unicodedata.normalize("NFKC", _seen(text)).translate(_ASCII_DASHES))


def is_code(text: str) -> bool:
    """Return whether every letter is unambiguous: ASCII, with single inner spaces only."""
    return _PLAIN.fullmatch(text) is not None


def is_clean(text: str) -> bool:
    """Return whether the normaliser leaves this one line as it is."""
    return clean(text) == text


def _seen(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(map(_as_seen, unicodedata.normalize("NFC", text))))


def _as_seen(letter: str) -> str:
    """Return the letter, a space for every kind of blank, or nothing for an invisible letter."""
    if " " < letter <= "~":
        return letter
    if "\u0080" <= letter <= "\u009f":
        return _FROM_CP1252[ord(letter)]
    if letter.isspace() or letter in _BLANKS:
        return " "
    kind = unicodedata.category(letter)
    if kind in ("Cc", "Cf") or _UNSEEN.match(letter):
        return ""
    if kind == "Cs" or (ord(letter) & 0xFFFE) == 0xFFFE or "\ufdd0" <= letter <= "\ufdef":
        return "\ufffd"
    return letter
