"""What looks at a file and loads it, by its kind: INCOMING_ENGINES names a module for each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from groups.incoming.models import IncomingFile, PreviewedRow
from superfamilja.data.progress import Report

SAID = "said"  # code of a rejected row that brings its words along, in both languages
ROWS_KEPT = 10_000  # of one kind; the count itself is always whole
_AT_ONCE = 2_000


@dataclass(frozen=True)
class Looked:
    """What a file would change: counts, and whether a second person has to agree."""

    figures: dict[str, int] = field(default_factory=dict)
    needs_second: bool = False


class EngineBusy(Exception):  # noqa: N818 - it is an answer: later
    """Somebody else is loading a file of this kind now."""


class Engine(Protocol):
    """A module that knows one kind of file. Both functions may raise FileRefused and EngineBusy."""

    def look(self, file: IncomingFile, at: datetime, report: Report) -> Looked:
        """Say what the file would change; write nothing but its PreviewedRows."""

    def load(self, file: IncomingFile, at: datetime, report: Report) -> dict[str, int]:
        """Bring it in. Raises PlanDiffers when it would do something else than was agreed to."""


def engine_of(file: IncomingFile) -> Engine:
    """The engine of this file's kind."""
    return cast(Engine, import_module(settings.INCOMING_ENGINES[file.kind]))


def keep_rows(rows: Iterable[PreviewedRow]) -> None:
    """Write previewed rows, some thousand at a time."""
    PreviewedRow.objects.bulk_create(rows, batch_size=_AT_ONCE)
