"""How far the worker is, for a page: told on a connection of its own, while a file is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import connection

from groups.incoming.models import IncomingFile
from superfamilja.data.progress import Report

_EVERY = 0.5  # seconds
_TELL = "UPDATE incoming_incomingfile SET step = %s, done = %s, total = %s WHERE id = %s"


@contextmanager
def telling(file: IncomingFile) -> Iterator[Report]:
    """Within it, `report` writes the progress down; each new step at once, the rest now and then.

    COPY keeps the worker's own connection busy.
    """
    aside = connection.copy()
    last = ("", float("-inf"))

    def report(step: str, done: int, total: int) -> None:
        nonlocal last
        if step == last[0] and done < total and monotonic() - last[1] < _EVERY:
            return
        last = (step, monotonic())
        with aside.cursor() as cursor:
            cursor.execute(_TELL, [step, done, total, file.pk])

    try:
        yield report
    finally:
        aside.close()
