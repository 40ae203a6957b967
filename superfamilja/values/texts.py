"""Text as the house keeps it: what looks the same is the same (docs/adr/0025).

One normaliser for every entry: files, forms, search boxes, commands. The database refuses what
did not go through it (`clean_text.py`).
"""

import re
import unicodedata

# What Windows calls 0x80 to 0x9f. Read as Latin-1 these letters become C1 control letters.
_FROM_CP1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
# Blanks that Unicode calls letters or symbols, and marks that it does not call format marks.
_BLANKS = "\u2800\u3164\u115f\u1160\uffa0"
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\u2028\u2029]")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
_ASCII_DASHES = str.maketrans(dict.fromkeys(_DASHES, "-"))
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
# The letters that never stand in a clean text, for Python and for the database.
_UNSEEN_LETTERS = (
    r"[\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2"
    r"\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800"
    r"\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0001-\U000e01ef]"
)
_UNSEEN = re.compile(_UNSEEN_LETTERS)
UNSEEN_SQL = f"{_UNSEEN_LETTERS}|^ | $|  "


def clean(text: str) -> str:
    """One line: trimmed, one space between words, nothing in it that is not seen; NFC."""
    if _PLAIN.fullmatch(text):
        return text
    return " ".join(_seen(text).split())


def clean_lines(text: str) -> str:
    """The same for a text of several lines, which keeps its lines."""
    lines = [clean(line) for line in _LINE_ENDS.split(text)]
    return "\n".join(lines).strip("\n")


def clean_code(text: str) -> str:
    """A number or code that people copy: besides, every dash is “-” and every width the usual.

    It may still hold letters outside of ASCII, which look like others: `is_code` says so.
    """
    if _PLAIN.fullmatch(text):
        return text
    return clean(unicodedata.normalize("NFKC", _seen(text)).translate(_ASCII_DASHES))


def is_code(text: str) -> bool:
    """Whether nothing in it can be taken for another letter: ASCII, single spaces inside."""
    return _PLAIN.fullmatch(text) is not None


def is_clean(text: str) -> bool:
    """Whether the normaliser leaves this one line as it is."""
    return clean(text) == text


def _seen(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(map(_as_seen, unicodedata.normalize("NFC", text))))


def _as_seen(letter: str) -> str:
    """The letter; a space for every kind of blank; nothing for what nobody sees."""
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
