"""Do what a tester does: sign in, look for barriers, try another size."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.totp.internal import auth as totp
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import ConsoleMessage, Locator, Page, Response, ViewportSize, expect

from superfamilja.accounts.models import User
from tests.signing_in import sign_in, staff_member

PHONE: ViewportSize = {"width": 360, "height": 740}
NARROWEST: ViewportSize = {"width": 320, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PASSWORD = "tri-fjalë-të-gjata"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_AXE = Axe()
# axe would read style sheets again with inline styles, which our policy refuses.
_EVERYTHING = {
    "resultTypes": ["violations"],
    "preload": False,
    "rules": {"target-size": {"enabled": True}},
}
_COLOURS = {"resultTypes": ["violations"], "preload": False, "runOnly": ["color-contrast"]}


def person(role: str, **fields: Any) -> User:
    """Make a member of staff with PASSWORD and with SECRET in the authenticator app."""
    user = staff_member(role, password=PASSWORD, **fields)
    totp.TOTP.activate(user, SECRET)
    return user


def code_now() -> str:
    """Return the code that such a person's app shows."""
    return str(totp.format_hotp_value(totp.hotp_value(SECRET, int(time.time()) // 30)))


class Desk:
    """A page of the browser, and the faults on the way to it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self._expected: set[int] = set()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._answered)

    def sign_in(self, user: User, language: str = "") -> None:
        """Sign in as if password and code had been right, for tests that start behind the door."""
        self.take_over(sign_in(Client(), user), language)

    def take_over(self, client: Client, language: str = "") -> None:
        """Continue in the browser with the session of a signed-in person."""
        cookies = {"sessionid": client.cookies["sessionid"].value}
        if language:
            cookies["django_language"] = language
        self.page.context.add_cookies(
            [{"name": name, "value": value, "url": self.url} for name, value in cookies.items()]
        )

    def open(self, path: str, status: int = 200) -> None:
        self._expected.add(status)
        self.page.goto(self.url + path)

    def may_be(self, status: int) -> None:
        """Accept an answer with this status."""
        self._expected.add(status)

    def open_customer(self, path: str, reason: str = "ankesa me letër nr. 12 e klientit") -> None:
        """Open a page that shows a customer whole; give a reason where it asks for one."""
        self.open(path)
        why = self.page.locator("textarea[name=reason]")
        if why.count():
            self.page.locator("input[name=why][value=letter]").check()
            why.fill(reason)
            self.press(self.page.locator("main form.card button"))
            expect(why).to_have_count(0)

    @contextmanager
    def leads_on(self) -> Iterator[None]:
        """Wait until the block has led to another, complete page whose scripts have run."""
        with self.page.expect_navigation():
            yield

    def press(self, button: Locator) -> None:
        with self.leads_on():
            button.click()

    def click(self, button: str) -> None:
        self.press(self.page.get_by_role("button", name=button, exact=True))

    def follow(self, link: str) -> None:
        self.press(self.page.get_by_role("link", name=link, exact=True).first)

    def enter(self) -> None:
        with self.leads_on():
            self.page.keyboard.press("Enter")

    def tab_to(self, name: str) -> None:
        """Press Tab until that element has a visible focus."""
        for _ in range(100):
            self.page.keyboard.press("Tab")
            at = self.page.evaluate(_IN_FOCUS)
            if name in at["name"]:
                assert at["ring"], f"the focus on {name} cannot be seen"
                return
        raise AssertionError(f"{name} cannot be reached with the keyboard")

    def says(self, text: str) -> None:
        """Wait until the page says so."""
        self.page.get_by_text(text).first.wait_for()

    def has_no_barrier(self, options: dict[str, Any] = _EVERYTHING) -> None:
        """Check that axe finds nothing, and that nothing is wider than the screen."""
        self.page.wait_for_function(_SOUND_IS_THERE)
        found = _AXE.run(self.page, options=options)
        where = f"{self.page.url} at {self.page.viewport_size}"
        assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
        assert self.sticking_out() == [], where

    def sticking_out(self) -> list[str]:
        """Return what makes the page scroll sideways."""
        outside: list[str] = self.page.evaluate(_STICKING_OUT)
        return outside

    def has_no_barrier_at_any_size(self) -> None:
        """Check on a desk, the narrowest phone and a phone, also in dark mode."""
        self.page.set_viewport_size(DESKTOP)
        self.has_no_barrier()
        self.page.set_viewport_size(NARROWEST)
        wider = self.sticking_out()
        assert wider == [], f"{self.page.url}: {wider}"
        self.page.set_viewport_size(PHONE)
        self.has_no_barrier()
        self.page.emulate_media(color_scheme="dark")
        self.has_no_barrier(_COLOURS)
        self.page.emulate_media(color_scheme="light")

    def _said(self, message: ConsoleMessage) -> None:
        failed = re.search(r"responded with a status of (\d+)", message.text)
        if message.type in {"error", "warning"} and not failed:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.complaints.append(f"{response.status} {response.url}")


# axe judges media that plays by itself by its length.
_SOUND_IS_THERE = "() => [...document.querySelectorAll('audio')].every(a => a.readyState > 0)"
_STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > width + 1)
    .map(e => e.outerHTML.slice(0, 120));
}"""
_IN_FOCUS = """() => {
  const e = document.activeElement, seen = e.closest(".choice") || e;
  const ring = [e, seen].some(x => getComputedStyle(x).outlineStyle !== "none");
  const label = e.labels && e.labels[0] ? e.labels[0].innerText : "";
  return {name: `${e.innerText || ""} ${label} ${e.getAttribute("aria-label") || ""}`, ring};
}"""
