"""Type what the charging system can say about an order, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from superfamilja.values import phone

LONGEST = 60  # characters; our keys, numbers and packages are shorter


class Word(TextChoices):
    DONE = "done", _("delivered")
    FAILED = "failed", _("not possible, for good")
    TRY_LATER = "try_later", _("not taken; later")
    PENDING = "pending", _("taken, not delivered yet")
    SILENCE = "silence", _("no answer that can be read")
    NEVER_HEARD = "never_heard", _("does not know it")


class Failure(TextChoices):
    """Why it can never be delivered: the only reasons to reverse a charge without a person."""

    UNKNOWN_NUMBER = "unknown_number", _("the number is not known there")
    NUMBER_BLOCKED = "number_blocked", _("the number is blocked")
    NOT_PREPAID = "not_prepaid", _("the number is not prepaid")
    NUMBER_MOVED = "number_moved", _("the number has moved to another operator")
    UNKNOWN_PACKAGE = "unknown_package", _("the package is not known there")


class Mismatch(TextChoices):
    """Why an answer is no outcome of the order that it came for (R36)."""

    OTHER = "other", _("it is about something else than what was ordered")
    BARE = "bare", _("it does not say for which number and package")


@dataclass(frozen=True)
class Ordered:
    """The contents of an order: our reference, the number (E.164), the package's code."""

    reference: str
    msisdn: str
    package: str


@dataclass(frozen=True)
class Statement:
    """What the charging system wrote about an order; "" where it is missing.

    Replies, callbacks and lists of orders all have it.
    """

    reference: str = ""
    msisdn: str = ""
    package: str = ""
    state: str = ""
    code: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Statement":
        """Read it from JSON. Never raise; a value that is not text counts as missing."""
        return cls(**{name: _text(said.get(name)) for name in cls.__dataclass_fields__})

    def mismatch(self, ordered: Ordered) -> Mismatch | None:
        """Return why it says nothing about this order; None when it is about what was ordered."""
        pairs = [
            (self.reference, ordered.reference),
            (_number(self.msisdn), ordered.msisdn),
            (self.package, ordered.package),
        ]
        if any(said and said != meant for said, meant in pairs):
            return Mismatch.OTHER
        return None if all(said for said, _meant in pairs) else Mismatch.BARE

    def answer(self) -> "Answer":
        """Return its answer; an unreadable one counts as silence."""
        if self.state in (Word.DONE, Word.PENDING):
            return Answer(Word(self.state), about=self)
        # An unknown reason costs nobody their package: the order is asked about again.
        if self.state == Word.FAILED and self.code in Failure.values:
            return Answer(Word.FAILED, self.code, about=self)
        return Answer(Word.SILENCE, "unreadable", about=self)


@dataclass(frozen=True)
class Answer:
    """An answer. `code` says why in a word, `wait` how long the other side asks for a pause.

    `asked` is true for the answer to a question, false for one to a sending; `about` is what the
    answer says that it is about.
    """

    word: Word
    code: str = ""
    wait: timedelta | None = None
    asked: bool = False
    about: Statement = Statement()

    @property
    def is_trouble(self) -> bool:
        """Return whether the line is broken, whatever the order is."""
        return self.word in {Word.TRY_LATER, Word.SILENCE}


def _text(value: object) -> str:
    """Return the text short and printable, safe for people to see and for the database to store."""
    if not isinstance(value, str):
        return ""
    whole = value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}\ufffd"
    return "".join(c if c.isprintable() else "\ufffd" for c in whole)


def _number(said: str) -> str:
    """Return the number in one form, because a different spelling is the same number."""
    try:
        return phone.parse_msisdn(said)
    except phone.UnreadableNumberError:
        return said
