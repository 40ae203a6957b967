"""Turn a prompt into the words that a voice speaks.

Voices read 6.500 as a decimal and a phone number as millions. So amounts lose their point, numbers
and references are spoken digit by digit, and days with the name of their month. The end of a
value's name says how it is spoken: `_lek`, `_digits`, `_code`, `_day`; others are text.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext, override

from klikon.ivr.dialogue.turns import Say
from klikon.ivr.voice.prompts import PROMPTS

_DIGITS = {
    "sq": ["zero", "një", "dy", "tre", "katër", "pesë", "gjashtë", "shtatë", "tetë", "nëntë"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}
_LEK = {"sq": "Lekë", "en": "Lek"}
_AT = {"sq": "ora", "en": "at"}
_WRITTEN_DAY = re.compile(r"\b(\d\d)\.(\d\d)\.\d{4}\b")
_WRITTEN_TIME = re.compile(r"\b(\d\d):(\d\d)\b")
_GROUPED = re.compile(r"\b(\d{1,3})\.(\d{3})\b")
_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\w)")


@dataclass(frozen=True)
class Sentence:
    """Words for a voice.

    `key` names the recorded file that may replace them; `number` is set for one sentence of
    several.
    """

    key: str
    language: str
    text: str


def sentences(said: Say, language: str) -> list[Sentence]:
    """What is spoken, sentence by sentence where it is an answer's."""
    if said.answer is not None:
        text = spoken_text(said.answer.text(language), language)
        return [Sentence(said.key, language, part) for part in _END_OF_SENTENCE.split(text)]
    prompt = PROMPTS[said.key]
    language = prompt.language or language
    with override(language):
        text = prompt.sentence if prompt.language else gettext(prompt.sentence)
        values = {name: spoken(name, value, language) for name, value in said.values.items()}
    return [Sentence(said.key, language, text % values if values else text)]


def spoken(name: str, value: Any, language: str) -> str:
    """Return a value in words, in the current language."""
    match name.rpartition("_")[2]:
        case "lek":
            return f"{value} {_LEK[language]}"
        case "digits":
            return digit_by_digit(value, language)
        case "code":
            return letter_by_letter(value)
        case "day":
            return day(value, language)
    return str(value)


def digit_by_digit(number: str, language: str) -> str:
    """Return zero gjashtë shtatë, një dy tre, katër pesë gjashtë shtatë for +355671234567."""
    digits = number.replace("+355", "0").lstrip("+")
    words = [_DIGITS[language][int(digit)] for digit in digits]
    if len(words) < 8:
        return " ".join(words)
    groups = [words[:3], words[3:6], words[6:]]
    return ", ".join(" ".join(group) for group in groups)


def letter_by_letter(code: str) -> str:
    """Return 7 Q X, 4 P W, R 2 A R for KN-7QX-4PW-R2AR; the prefix is the same for all."""
    parts = code.split("-")
    return ", ".join(" ".join(part) for part in parts[1:] or parts)


def day(value: date, language: str) -> str:
    """Return 28 nëntor."""
    return f"{value.day} {_month(value.month, language)}"


def spoken_text(written: str, language: str) -> str:
    """Turn a sentence for the eye into one for the ear: 6.500 Lekë, 28.11.2026 14:05."""
    text = _WRITTEN_DAY.sub(lambda m: f"{int(m[1])} {_month(int(m[2]), language)}", written)
    text = _WRITTEN_TIME.sub(lambda m: f"{_AT[language]} {int(m[1])} {m[2]}", text)
    return _GROUPED.sub(r"\1\2", text).replace("Lekë", _LEK[language])


def _month(number: int, language: str) -> str:
    with override(language):
        name = str(MONTHS[number])
    return name.lower() if language == "sq" else name
