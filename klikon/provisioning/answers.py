"""What the charging system can say of an order, as types. Needs no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from superfamilja.values import phone

LONGEST = 60  # characters; what is longer is none of our keys, numbers and packages


class Word(TextChoices):
    DONE = "done", _("delivered")
    FAILED = "failed", _("not possible, for good")
    TRY_LATER = "try_later", _("not taken; later")
    PENDING = "pending", _("taken, not delivered yet")
    SILENCE = "silence", _("no answer that can be read")
    NEVER_HEARD = "never_heard", _("does not know it")


class Failure(TextChoices):
    """Why it never can be delivered: the only reasons for which a charge is reversed unasked."""

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
    """What an order is about: our reference, the number (E.164), the package's code."""

    reference: str
    msisdn: str
    package: str


@dataclass(frozen=True)
class Statement:
    """What the charging system says of one order, as it was written there; "" where it is missing.

    The same in a reply, in a callback and in a list of orders.
    """

    reference: str = ""
    msisdn: str = ""
    package: str = ""
    state: str = ""
    code: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Statement":
        """Read it from JSON. Never raises: what is no text is missing."""
        return cls(**{name: _text(said.get(name)) for name in cls.__dataclass_fields__})

    def mismatch(self, ordered: Ordered) -> Mismatch | None:
        """Return why it says nothing of this order; None: it is about what was ordered."""
        pairs = [
            (self.reference, ordered.reference),
            (_number(self.msisdn), ordered.msisdn),
            (self.package, ordered.package),
        ]
        if any(said and said != meant for said, meant in pairs):
            return Mismatch.OTHER
        return None if all(said for said, _meant in pairs) else Mismatch.BARE

    def answer(self) -> "Answer":
        """Return the answer that it is; what cannot be read is silence."""
        if self.state in (Word.DONE, Word.PENDING):
            return Answer(Word(self.state), about=self)
        # A reason that we do not know costs nobody their package: it is asked for again.
        if self.state == Word.FAILED and self.code in Failure.values:
            return Answer(Word.FAILED, self.code, about=self)
        return Answer(Word.SILENCE, "unreadable", about=self)


@dataclass(frozen=True)
class Answer:
    """One answer. `code` says why in a word, `wait` for how long the other side asks to be left
    alone, `asked` that it answers a question and not a sending, `about` what it says that it is
    about.
    """

    word: Word
    code: str = ""
    wait: timedelta | None = None
    asked: bool = False
    about: Statement = Statement()

    @property
    def is_trouble(self) -> bool:
        """The line is bad, whatever the order is."""
        return self.word in {Word.TRY_LATER, Word.SILENCE}


def _text(value: object) -> str:
    """Short and printable: what a person sees, and what the database keeps, is never a trap."""
    if not isinstance(value, str):
        return ""
    whole = value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}\ufffd"
    return "".join(c if c.isprintable() else "\ufffd" for c in whole)


def _number(said: str) -> str:
    """The same number written in another way is the same number."""
    try:
        return phone.parse_msisdn(said)
    except phone.UnreadableNumberError:
        return said
