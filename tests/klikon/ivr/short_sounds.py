"""A voice for tests: sixty milliseconds a sentence, so that a call takes a second."""

import random
from array import array


def short_sound(text: str, language: str) -> "array[int]":
    """Return a sound that differs for every text."""
    dice = random.Random(f"{language} {text}")  # noqa: S311
    return array("h", [dice.randrange(-8000, 8000) | 1 for _ in range(480)])
