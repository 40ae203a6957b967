"""Show the progress of a long command, one line a step."""

from collections.abc import Callable, Mapping
from typing import Self

from django.utils.functional import Promise
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

# report(step, done, total)
Report = Callable[[str, int, int], None]


def silent(_step: str, _done: int, _total: int) -> None:
    """Ignore the report."""


class ProgressBar:
    """Print what `report` receives; `steps` names each step."""

    def __init__(self, console: Console, steps: Mapping[str, str | Promise]) -> None:
        self._steps = steps
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def report(self, step: str, done: int, total: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(str(self._steps[step]))
        self._progress.update(self._tasks[step], completed=done, total=max(total, 1))
