"""Print what a person at the terminal reads."""

import os
import sys
import time


class Problem(Exception):  # noqa: N818 - it is a sentence to a person
    """A problem that the person has to decide or mend, in Albanian and in English."""

    def __init__(self, albanian: str, english: str) -> None:
        super().__init__(f"{albanian}\n{english}")


# Children count seconds from the same moment.
_began = float(os.environ.setdefault("KLIKON_BEGAN", str(time.time())))


def step(text: str) -> None:
    """Print one line for a step that begins, with the seconds since the start."""
    print(f"[{time.time() - _began:4.1f} s] {text}", flush=True)


def passing(text: str) -> None:
    """Print a line that the next one replaces; print nothing where lines cannot be replaced."""
    if sys.stdout.isatty():
        print(f"\r\033[K         {text[:100]}", end="", flush=True)


def passed() -> None:
    """Wipe the passing line."""
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
