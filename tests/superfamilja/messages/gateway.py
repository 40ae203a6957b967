"""An SMS gateway for tests: it remembers its messages, and fails as told."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

HERE = "tests.superfamilja.messages.gateway.send"

took: dict[str, list[tuple[str, str]]] = defaultdict(list)
faults: list[Exception] = []


def send(message_id: str, to: str, text: str) -> None:
    """Accept the message, unless there is a fault to raise first."""
    if faults:
        raise faults.pop(0)
    took[message_id].append((to, text))


@contextmanager
def raising(*errors: Exception) -> Iterator[None]:
    """Let the next messages meet these faults, one each."""
    faults.extend(errors)
    try:
        yield
    finally:
        faults.clear()


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Do something while the gateway works on the message."""

    def slow(message_id: str, to: str, text: str) -> None:
        act()
        took[message_id].append((to, text))

    with mock.patch(HERE, slow):
        yield
