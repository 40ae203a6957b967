"""What a browser sent, as the verbs take it, whatever it was."""

from django.http import QueryDict

from superfamilja.values import texts

_NONE = -1


def text(sent: QueryDict, name: str, longest: int = 500) -> str:
    """One field, as the house keeps text."""
    return texts.clean_lines(sent.get(name, ""))[:longest]


def without_nul(typed: str) -> str:
    """The same, as it can be kept."""
    return typed.replace("\x00", "")


def number(typed: str | None) -> int:
    """A number from 0; -1 for what is none. “²” is a digit and no number."""
    is_one = typed and typed.isascii() and typed.isdecimal() and len(typed) < 19
    return int(typed) if typed and is_one else _NONE


def numbers(typed: list[str]) -> list[int]:
    """Those that are numbers."""
    return [found for found in map(number, typed) if found != _NONE]
