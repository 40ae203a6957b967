"""Count interactions at a counter: a key chord, or a field typed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from playwright.sync_api import BrowserContext, Page

from groups.models import Group
from superfamilja.messages.models import OutgoingMessage

_PRINTER = """
window.print = () => {
  const said = top.document.documentElement.dataset;
  said.printed = Number(said.printed || 0) + 1;
};
"""


def put_a_printer(context: BrowserContext) -> None:
    """Count what a page wants printed, because Chromium without a screen has no printer."""
    context.add_init_script(_PRINTER)


def printed(page: Page) -> None:
    """Wait until this page has asked for its paper, once."""
    page.locator("html[data-printed='1']").wait_for()


def read_out(group: Group) -> str:
    """Return the code in the SMS on the Fixed Leader's phone."""
    sms = OutgoingMessage.objects.filter(
        template__in=["code_for_shop", "code_for_paper"], contract_number=group.contract.number
    )
    return str(sms.latest("pk").parameters["code"])


def type_the_code(page: Page, group: Group) -> None:
    """Type the code as soon as the page asks for it."""
    field = page.get_by_label("Kodi që lexon Lideri Fiks")
    field.wait_for()
    field.fill(read_out(group))


def wait_until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Look into the database again and again for what no page shows any more."""
    deadline = monotonic() + seconds
    while not done():
        assert monotonic() < deadline
        sleep(0.05)


class Keys:
    """The keyboard alone."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def open(self, key: str) -> None:
        """Press the key that leads to the next page."""
        with self.page.expect_navigation():
            self.press(key)

    def type(self, name: str, text: str) -> None:
        """Type into the field of that name, which must have the focus by itself."""
        self.is_at(name)
        self.count += 1
        self.page.keyboard.insert_text(text)

    def is_at(self, name: str) -> None:
        self.page.locator(f"[name={name}]:focus").wait_for()

    @contextmanager
    def at_most(self, number: int) -> Iterator[None]:
        """Allow no more than that many interactions inside the block."""
        before = self.count
        yield
        assert self.count - before <= number
