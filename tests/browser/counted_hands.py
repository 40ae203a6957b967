"""Count every key at a counter, and compute the time at an explicit human pace.

The pace is the keystroke-level model of Card, Moran and Newell: seconds a key, a thought before a
field or an important key, and the reading of a page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from playwright.sync_api import Locator, Page, Request

from tests.browser.hands import Keys

A_KEY, A_THOUGHT, A_PAGE = 0.28, 1.2, 3.0


@dataclass(frozen=True)
class Count:
    """What one person did: forms sent, pages seen, keys pressed, thoughts before them."""

    posts: int
    pages: int
    keys: int
    thoughts: int

    @property
    def seconds(self) -> int:
        """Return the seconds at the human pace, without the machine's time and without paper."""
        spent = self.keys * A_KEY + self.thoughts * A_THOUGHT + self.pages * A_PAGE
        return round(spent)


class CountedHands(Keys):
    """A person with the keyboard only; every character of a field is a key."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.machine_seconds = 0.0
        self._strokes = self._thoughts = self._pages = self._posts = 0
        page.on("framenavigated", lambda frame: frame.parent_frame or self._saw_a_page())
        page.on("request", self._asked)
        # With a listener from the start, Chromium asks it for a file instead of the system.
        page.on("filechooser", lambda chooser: None)

    def counted(self) -> Count:
        """Return what was done until now."""
        return Count(self._posts, self._pages, self._strokes, self._thoughts)

    def press(self, key: str) -> None:
        super().press(key)
        self._strokes += 1

    def open(self, key: str) -> None:
        self._thoughts += 1
        with self.waiting():
            super().open(key)

    def type(self, name: str, text: str) -> None:
        super().type(name, text)
        self._thoughts += 1
        self._strokes += len(text)

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until that element has the focus."""
        for _ in range(60):
            if wanted.evaluate("e => e === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"{wanted} cannot be reached with the keyboard")

    def choose_file(self, field: Locator, name: str, content: bytes) -> None:
        """Choose the newest scan in the system's own dialogue: arrow and Enter."""
        self.tab_to(field)
        with self.page.expect_file_chooser() as chooser:
            self.press("Enter")
        chooser.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": content})
        self._strokes += 2
        self._thoughts += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let the person wait for the machine inside the block."""
        begun = monotonic()
        yield
        self.machine_seconds += monotonic() - begun

    def _saw_a_page(self) -> None:
        self._pages += 1

    def _asked(self, request: Request) -> None:
        # What a page saves by itself during typing is not a form that the person sends.
        self._posts += request.method == "POST" and request.is_navigation_request()
