"""A scanner at the desk starts a search and presses no button.

The page's clock stands still, so that the keys follow each other at once however slow the machine
is.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from groups.models import Group
from klikon.desk.models import Draft
from tests.browser.hands import put_a_printer
from tests.browser.looking import Desk
from tests.desk.counter import Counter
from tests.factories import catalogue, family

_NOTHING_GOES_OUT = """
window.sent = 0;
document.addEventListener("submit", (event) => { window.sent += 1; event.preventDefault(); });
"""


@pytest.fixture
def group() -> Group:
    catalogue()
    return family(3)


def stop_the_clock(desk: Desk) -> None:
    desk.page.clock.pause_at(timezone.now() + timedelta(hours=1))


def pressed(desk: Desk) -> int:
    """Return how many forms were sent once every wait is over."""
    desk.page.clock.run_for(1000)
    return int(desk.page.evaluate("window.sent"))


def test_what_is_scanned_on_a_customers_page_is_searched_for(
    desk: Desk, clerk: Counter, group: Group
) -> None:
    desk.take_over(clerk.client)
    desk.page.clock.install()
    desk.open_customer(reverse("contract", args=[group.contract_id]))
    stop_the_clock(desk)
    desk.page.keyboard.type("D-2231")
    expect(desk.page.get_by_role("searchbox")).to_have_value("D-2231")
    with desk.page.expect_navigation(url="**" + reverse("search") + "**"):
        desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("searchbox")).to_have_value("D-2231")
    assert not Draft.objects.filter(contract=group.contract).exists()


def test_a_single_letter_and_enter_at_once_are_searched_for_too(
    desk: Desk, clerk: Counter, group: Group
) -> None:
    desk.take_over(clerk.client)
    desk.page.clock.install()
    desk.open_customer(reverse("contract", args=[group.contract_id]))
    desk.page.evaluate(_NOTHING_GOES_OUT)
    stop_the_clock(desk)
    desk.page.keyboard.press("d")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("searchbox")).to_have_value("d")
    assert pressed(desk) == 1  # the search and nothing else


def test_what_is_scanned_where_there_is_no_search_presses_nothing(
    desk: Desk, clerk: Counter, group: Group, context: BrowserContext
) -> None:
    put_a_printer(context)
    member = group.memberships.get(seat=2)
    draft = clerk.printed("name_leader", group.contract, member=member.pk)
    desk.take_over(clerk.client)
    desk.page.clock.install()
    desk.open(reverse("draft", args=[draft.pk]))
    button = desk.page.locator("[data-key=s]")
    expect(button).to_be_focused()
    desk.page.evaluate(_NOTHING_GOES_OUT)
    stop_the_clock(desk)
    desk.page.keyboard.type("SQ 12")
    desk.page.keyboard.press("Enter")
    assert pressed(desk) == 0
    desk.page.keyboard.press("s")  # alone it is the button's own key
    assert pressed(desk) == 1
    desk.page.keyboard.press("Enter")  # this one presses the focused element
    assert pressed(desk) == 2
