"""What the charging system can say of an order, as types. Needs no database."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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


@dataclass(frozen=True)
class Answer:
    """One answer. `code` says why in a word, `wait` for how long the other side asks to be left
    alone, `asked` that it answers a question and not a sending.
    """

    word: Word
    code: str = ""
    wait: timedelta | None = None
    asked: bool = False

    @property
    def is_trouble(self) -> bool:
        """The line is bad, whatever the order is."""
        return self.word in {Word.TRY_LATER, Word.SILENCE}


def read(state: object, code: object = "") -> Answer:
    """The answer in what a system wrote about an order. Never raises: nonsense is silence."""
    if state == Word.FAILED:
        # A reason that we do not know costs nobody his package: it is asked for again.
        return Answer(Word.FAILED, str(code)) if code in Failure.values else _UNREADABLE
    # Not a set: whatever was written there may be a list.
    if state in (Word.DONE, Word.PENDING):
        return Answer(Word(str(state)))
    return _UNREADABLE


_UNREADABLE = Answer(Word.SILENCE, "unreadable")
