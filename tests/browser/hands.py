"""Hands at a counter, counted: one key chord or one field typed is one interaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Page

_PRINTER = """
window.print = () => {
  const said = top.document.documentElement.dataset;
  said.printed = Number(said.printed || 0) + 1;
};
"""


def put_a_printer(context: BrowserContext) -> None:
    """Whatever a page asks to be printed is counted; Chromium without a screen has no printer."""
    context.add_init_script(_PRINTER)


def printed(page: Page) -> None:
    """Wait until this page has asked for its paper, once."""
    page.locator("html[data-printed='1']").wait_for()


class Keys:
    """The keyboard alone."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def open(self, key: str) -> None:
        """The key that leads to the next page."""
        with self.page.expect_navigation():
            self.press(key)

    def type(self, name: str, text: str) -> None:
        """Into the field of that name, which has to be in focus by itself."""
        self.is_at(name)
        self.count += 1
        self.page.keyboard.insert_text(text)

    def is_at(self, name: str) -> None:
        self.page.locator(f"[name={name}]:focus").wait_for()

    @contextmanager
    def at_most(self, number: int) -> Iterator[None]:
        """Within, no more than that many interactions."""
        before = self.count
        yield
        assert self.count - before <= number
