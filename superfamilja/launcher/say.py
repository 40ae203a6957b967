"""What a person at the terminal reads."""

import os
import sys
import time


class Problem(Exception):  # noqa: N818 - it is a sentence to a person
    """Something the person has to decide or mend, said in Albanian and in English."""

    def __init__(self, albanian: str, english: str) -> None:
        super().__init__(f"{albanian}\n{english}")


# Children count from the same moment.
_began = float(os.environ.setdefault("KLIKON_BEGAN", str(time.time())))


def step(text: str) -> None:
    """One line for one thing that begins, with the seconds since the start."""
    print(f"[{time.time() - _began:4.1f} s] {text}", flush=True)


def passing(text: str) -> None:
    """A line that the next one replaces; silent where lines cannot be replaced."""
    if sys.stdout.isatty():
        print(f"\r\033[K         {text[:100]}", end="", flush=True)


def passed() -> None:
    """Wipe the passing line."""
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
