"""Tell a reason that somebody else can judge later from a word or dots."""

import re

from django.utils.translation import gettext_noop

from superfamilja.audit.acts import ReasonMissing
from superfamilja.refusal import Refusal

LEAST_LETTERS, LEAST_WORDS = 12, 3

_WORD = re.compile(r"[^\W\d_]{2,}")
_VOWEL = re.compile("[aeiouyëàáèéìíòóùúäöü]")


class ReasonTooThin(Refusal):
    """A reason that says too little to be judged."""

    rule = "R2"
    code = "reason_too_thin"
    sentence = gettext_noop(
        "This says too little. Write a sentence of at least three different words that somebody "
        "else can follow later, for example “Customer complains by letter no. 1204/3”."
    )


def require_sentence(text: str) -> None:
    """Raise ReasonMissing for an empty text, and ReasonTooThin for less than a sentence."""
    if not text.strip():
        raise ReasonMissing
    if not is_a_sentence(text):
        raise ReasonTooThin


def is_a_sentence(text: str) -> bool:
    """Return whether the text has at least three different words with twelve letters in all.

    A word has a vowel and is not one letter repeated.
    """
    found = set(_WORD.findall(text.casefold()))
    words = {word for word in found if _VOWEL.search(word) and len(set(word)) > 1}
    return len(words) >= LEAST_WORDS and sum(map(len, words)) >= LEAST_LETTERS
