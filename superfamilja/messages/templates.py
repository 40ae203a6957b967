"""What messages say: a file a message in both languages, rendered from frozen facts.

A file has a head, then its two texts; line breaks are only for those who write it:

    title.sq: Paketa u aktivizua
    title.en: A package was activated
    segments: 2
    sample: {"package": "Super 2000", "charged_lek": 1800}

    [sq]
    Klik-ON: {{ package }}, {{ charged_lek|lek }}.

    [en]
    Klik-ON: {{ package }}, {{ charged_lek|lek }}.

The title is what staff call it. `segments` is the budget. Each `sample` holds the longest values
to be believed; the tests render every file with them. `secret: yes` keeps the words from everybody
but their reader: a code is shown on no page, outside of a demonstration.

`kind` says what a message may do: `code` and `stop` go first and are sent again when nobody
answered; `money`, a receipt, goes next and is never sent twice; without it, it is a notice.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Context, Engine, Template
from django.template.base import FilterExpression, VariableNode
from django.template.defaulttags import IfNode
from django.utils.translation import get_language

from superfamilja.messages.alphabet import segments

__all__ = [
    "Facts",
    "MessageFile",
    "MessageKind",
    "MissingFact",
    "UnknownMessage",
    "Unsayable",
    "every",
    "render",
    "segments",
    "title",
]

Facts = Mapping[str, str | int]
LANGUAGES = ("sq", "en")
_HEAD = {"segments", *(f"title.{language}" for language in LANGUAGES)}  # and samples
# An engine of its own: it escapes nothing, loads no file by name, and has no tags of web pages.
_ENGINE = Engine(autoescape=False, builtins=["superfamilja.messages.spoken_facts"])


class MessageKind(StrEnum):
    """What a message is for, and so what delivery may do with it (ADR 0029)."""

    CODE = "code"
    STOP = "stop"
    MONEY = "money"
    NOTICE = "notice"

    @property
    def need(self) -> int:
        """Return who goes first: 0 before 1 before 2 (models.Need)."""
        return {MessageKind.CODE: 0, MessageKind.STOP: 0, MessageKind.MONEY: 1}.get(self, 2)

    @property
    def is_sent_again(self) -> bool:
        """Return whether it is sent again when nobody answered: a receipt of money told twice
        looks like two purchases."""
        return self is not MessageKind.MONEY


class Unsayable(Exception):  # noqa: N818
    """The facts and the file do not make a message. Base of the two classes below."""


class UnknownMessage(Unsayable):
    """SMS_TEMPLATE_DIRS holds no file of that name."""


class MissingFact(Unsayable):
    """The text needs a fact that the message does not have."""


@dataclass(frozen=True)
class MessageFile:
    """One message: its texts by language, its budget, its samples."""

    name: str
    titles: dict[str, str]
    budget: int
    texts: dict[str, Template]
    is_secret: bool = False
    kind: MessageKind = MessageKind.NOTICE
    samples: list[dict[str, str | int]] = field(default_factory=list)

    def facts(self, language: str) -> set[str]:
        """Return the facts that the text of that language needs."""
        return set(_asked(self.texts[language].nodelist))

    def render(self, language: str, facts: Facts) -> str:
        """Return the message as one line. Raise Unsayable, MissingFact."""
        if missing := self.facts(language) - facts.keys():
            raise MissingFact(f"{self.name}: {', '.join(sorted(missing))}")
        try:
            return " ".join(self.texts[language].render(_plain(facts)).split())
        except Exception as error:  # a filter got another kind of fact
            raise Unsayable(f"{self.name}: {type(error).__name__}") from error


def render(name: str, language: str, parameters: Facts) -> str:
    """Return the message as its reader gets it. Raise Unsayable."""
    try:
        message = every()[name]
    except KeyError:
        raise UnknownMessage(name) from None
    return message.render(language, parameters)


def title(name: str) -> str:
    """Return what staff call the message, in the current language; its name without a file."""
    message = every().get(name)
    return message.titles.get(get_language() or "", name) if message else name


def is_secret(name: str) -> bool:
    """Return whether only its reader may see its words."""
    message = every().get(name)
    return message is not None and message.is_secret


def kind_of(name: str) -> MessageKind:
    """What the message is for; a notice when there is no file."""
    message = every().get(name)
    return message.kind if message else MessageKind.NOTICE


def every() -> dict[str, MessageFile]:
    """Return all messages by name, read once from the folders that the settings name."""
    return _read_all(tuple(settings.SMS_TEMPLATE_DIRS))


@lru_cache(maxsize=4)
def _read_all(folders: tuple[Path, ...]) -> dict[str, MessageFile]:
    found: dict[str, MessageFile] = {}
    for path in (p for folder in folders for p in sorted(Path(folder).glob("*.txt"))):
        if path.stem in found:
            raise ValueError(f"{path}: there is a message of that name in another folder.")
        found[path.stem] = read(path)
    return found


def read(path: Path) -> MessageFile:
    """Return one file's message.

    Raise ValueError, or Django's TemplateSyntaxError, with the reason.
    """
    head, *parts = re.split(r"^\[(\w+)\]$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = dict(zip(parts[::2], parts[1::2], strict=True))
    if tuple(texts) != LANGUAGES:
        raise ValueError(f"{path}: a message has a part [sq], then a part [en].")
    lines = [line.partition(":") for line in head.splitlines() if line.strip()]
    samples = [json.loads(value) for key, _, value in lines if key == "sample"]
    said = {key: value.strip() for key, _, value in lines if key != "sample"}
    optional = len(said.keys() & {"secret", "kind"})
    is_secret = said.pop("secret", "no") == "yes"
    kind = MessageKind(said.pop("kind", MessageKind.NOTICE))
    if said.keys() != _HEAD or len(said) + len(samples) + optional != len(lines):
        raise ValueError(f"{path}: the head says {', '.join(sorted(_HEAD))}, once each.")
    return MessageFile(
        name=path.stem,
        titles={language: said[f"title.{language}"] for language in LANGUAGES},
        budget=int(said["segments"]),
        is_secret=is_secret,
        kind=kind,
        texts={language: _ENGINE.from_string(text) for language, text in texts.items()},
        samples=samples,
    )


def _plain(facts: Facts) -> Context:
    """Return facts for a text that no browser reads: D'Angelo stays D'Angelo.

    A Context escapes unless told otherwise, whatever its engine says.
    """
    return Context(dict(facts), autoescape=False)


def _asked(nodes: Any) -> Iterator[str]:
    """Return the facts that a text names. Texts use variables, filters and `if` only."""
    for node in nodes.get_nodes_by_type(VariableNode):
        yield from _named(node.filter_expression)
    for node in nodes.get_nodes_by_type(IfNode):
        for condition, _body in node.conditions_nodelists:
            yield from _in_condition(condition)


def _in_condition(token: Any) -> Iterator[str]:
    if token is None:
        return
    if isinstance(getattr(token, "value", None), FilterExpression):
        yield from _named(token.value)
    yield from _in_condition(getattr(token, "first", None))
    yield from _in_condition(getattr(token, "second", None))


def _named(expression: FilterExpression) -> Iterator[str]:
    if lookups := getattr(expression.var, "lookups", None):
        yield lookups[0]
