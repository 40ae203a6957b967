"""Define refusals: exceptions with a rule, a code for machines and a sentence for people."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext, override


class AnswerInWords:
    """What a rule answers, in words.

    `rule` is its number in docs/rules.md and `code` is stable for machines. `sentence` is the
    English text, which is translated like any other and filled with `details`.
    """

    rule: ClassVar[str]
    code: ClassVar[str]
    sentence: ClassVar[str | Promise]

    def __init__(self, **details: Any) -> None:
        self.details = details

    def shown(self) -> dict[str, Any]:
        """Return the details for people; subclasses format amounts and lists."""
        return self.details

    def text(self, language: str | None = None) -> str:
        """Return the sentence in that language, by default the current one."""
        if language is None:
            return gettext(str(self.sentence)) % self.shown()
        with override(language):
            return gettext(str(self.sentence)) % self.shown()

    def __str__(self) -> str:
        return f"{self.rule} {self.code}: {self.text()}"


class Refusal(AnswerInWords, Exception):  # noqa: N818 - it is an answer, not an error
    """Base of every refusal. One subclass per rule."""

    def __init__(self, **details: Any) -> None:
        super().__init__(**details)
        self.args = (self.code,)

    def __reduce__(self) -> tuple[Any, ...]:
        """Kept in a cache and read again, it is the same refusal."""
        return _anew, (type(self), self.details)


def _anew(refusal: type[Refusal], details: dict[str, Any]) -> Refusal:
    return refusal(**details)
