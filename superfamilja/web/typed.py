"""Read what a browser sent into what the verbs take, whatever it was."""

from django.http import QueryDict

from superfamilja.values import texts

_NONE = -1


def text(sent: QueryDict, name: str, longest: int = 500) -> str:
    """Return one field, cleaned as the house keeps text."""
    return texts.clean_lines(sent.get(name, ""))[:longest]


def without_nul(typed: str) -> str:
    """Return the text without NUL, which the database cannot store."""
    return typed.replace("\x00", "")


def number(typed: str | None) -> int:
    """Return a number from 0, or -1 for anything else. (“²” is a digit and no number.)"""
    is_one = typed and typed.isascii() and typed.isdecimal() and len(typed) < 19
    return int(typed) if typed and is_one else _NONE


def numbers(typed: list[str]) -> list[int]:
    """Return the ones that are numbers."""
    return [found for found in map(number, typed) if found != _NONE]
