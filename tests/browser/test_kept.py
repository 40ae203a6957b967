"""A request keeps what is typed, and its page tells the truth about it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from klikon.desk.models import Draft
from tests.browser.hands import wait_until
from tests.browser.looking import Desk
from tests.desk.counter import Counter
from tests.factories import catalogue, family
from tests.signing_in import sign_in


@pytest.fixture
def draft(desk: Desk, clerk: Counter) -> Draft:
    """A request that has just begun, open in the browser."""
    catalogue()
    desk.take_over(clerk.client)
    draft = clerk.begin("name_leader", family(3).contract)
    desk.page.clock.install()
    desk.open(reverse("draft", args=[draft.pk]))
    return draft


@pytest.fixture
def number(desk: Desk) -> Locator:
    return desk.page.get_by_label("Numri i dokumentit")


@pytest.fixture
def said(desk: Desk) -> Locator:
    return desk.page.locator("#kept")


def stop_the_clock(desk: Desk) -> None:
    """Stop the clock, so that code which waits for a pause in typing waits forever."""
    desk.page.clock.pause_at(timezone.now() + timedelta(hours=1))


def kept(draft: Draft) -> str:
    draft.refresh_from_db()
    return str(draft.typed.get("document_number", ""))


def by_keys(page: Page) -> None:
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("Escape")


def by_closing_the_tab(page: Page) -> None:
    page.context.new_page()
    page.close()


@pytest.mark.parametrize("leave", [by_keys, by_closing_the_tab])
def test_what_was_typed_last_is_kept_when_the_page_is_left(
    desk: Desk, draft: Draft, number: Locator, leave: Callable[[Page], None]
) -> None:
    stop_the_clock(desk)
    number.fill("AB 123")
    leave(desk.page)
    wait_until(lambda: kept(draft) == "AB 123")


def test_what_is_being_typed_is_not_called_kept(
    desk: Desk, draft: Draft, number: Locator, said: Locator
) -> None:
    number.fill("AB 1")
    expect(said).to_have_text("U ruajt")
    stop_the_clock(desk)
    number.fill("AB 123")
    expect(said).to_be_empty()
    desk.page.clock.run_for(600)
    expect(said).to_have_text("U ruajt")
    assert kept(draft) == "AB 123"


def test_who_was_signed_out_is_told_and_loses_nothing(
    desk: Desk, clerk: Counter, draft: Draft, number: Locator, said: Locator
) -> None:
    number.fill("AB 1")
    expect(said).to_have_text("U ruajt")
    clerk.client.session.flush()
    number.fill("AB 123")
    told = "Keni dalë nga portali. Ajo që shkruat mbetet në këtë faqe: hyni sërish"
    expect(said).to_contain_text(told)
    with desk.page.expect_response("**/save/"):
        # The page stays, because a reload would lead to the sign-in.
        desk.page.get_by_role("button", name="Kontrolloni").click()
    expect(said).to_contain_text(told)
    expect(number).to_have_value("AB 123")
    assert kept(draft) == "AB 1"

    desk.take_over(sign_in(Client(), clerk.user, clerk.store))
    token = {"name": "csrftoken", "value": "b" * 32, "url": desk.url}  # a sign-in brings another
    desk.page.context.add_cookies([token])
    desk.page.evaluate("dispatchEvent(new Event('focus'))")  # back in this tab
    expect(said).to_have_text("U ruajt")
    assert kept(draft) == "AB 123"


def test_while_the_portal_starts_anew_the_page_stays_with_what_was_typed(
    desk: Desk, draft: Draft, number: Locator, said: Locator
) -> None:
    number.fill("AB 1")
    expect(said).to_have_text("U ruajt")
    desk.page.route("**/save/", lambda route: route.fulfill(status=502))
    desk.may_be(502)
    number.fill("AB 123")
    with desk.page.expect_response("**/save/"):
        desk.page.get_by_role("button", name="Kontrolloni").click()
    expect(said).to_contain_text("Nuk u ruajt")
    expect(number).to_have_value("AB 123")
    desk.page.unroute("**/save/")
    desk.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(said).to_have_text("U ruajt")
    assert kept(draft) == "AB 123"
