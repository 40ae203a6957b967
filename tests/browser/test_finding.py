"""Search, results, customer: by keyboard only, and without barriers at any size."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from groups.models import Group
from superfamilja.accounts.roles import AUDITOR, STORE_CLERK
from tests.browser.families import lively_family
from tests.browser.looking import DESKTOP, Desk
from tests.factories import ContractFactory
from tests.signing_in import staff_member


@pytest.fixture
def group() -> Group:
    """Make a family with every kind of fact, and two others with similar owners' names."""
    found = lively_family()
    contract = found.contract
    contract.owner_name = f"Yllka Tejetgjata{contract.pk}"
    contract.save()
    for _ in range(2):
        ContractFactory(owner_name=f"Yllka Tejetgjata{contract.pk}-Mbiemrimadh", status="suspended")
    return found


def typed(desk: Desk, text: str) -> None:
    """Focus the box by its key, and type over its text."""
    desk.page.keyboard.press("/")
    desk.page.keyboard.type(text)
    desk.enter()


def test_from_the_box_to_the_customer_and_back_by_keys(desk: Desk, group: Group) -> None:
    desk.sign_in(staff_member(STORE_CLERK))
    desk.page.set_viewport_size(DESKTOP)
    page, keys = desk.page, desk.page.keyboard
    name = group.contract.owner_name
    desk.open("/desk/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.type(name)
    desk.enter()
    results = page.locator(".results a")
    expect(results.nth(0)).to_be_focused()
    keys.press("ArrowDown")
    expect(results.nth(1)).to_be_focused()
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.press("ArrowDown")
    expect(results.nth(0)).to_be_focused()
    desk.enter()
    expect(page.get_by_role("heading", level=1)).to_contain_text(group.contract.number)
    assert page.url == desk.url + reverse("contract", args=[group.contract_id])
    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.press("Escape")
    with desk.leads_on():
        keys.press("Escape")
    expect(results.nth(0)).to_be_focused()
    typed(desk, group.memberships.get(seat=2).msisdn)
    expect(page.get_by_role("heading", level=1)).to_contain_text(group.contract.number)
    with desk.leads_on():
        keys.press("d")  # an act's own key still is its key
    expect(page.get_by_role("heading", level=1)).not_to_contain_text(group.contract.number)


@pytest.mark.full
def test_every_state_of_the_search_and_the_customer(desk: Desk, group: Group) -> None:
    desk.sign_in(staff_member(STORE_CLERK))
    for path in ("/desk/", "/admin/search/"):
        desk.open(path)
        desk.has_no_barrier_at_any_size()
    for text in ("xy", "nuk ka të tillë", group.contract.owner_name):
        desk.open("/admin/search/")
        desk.page.get_by_role("searchbox").fill(text)
        desk.enter()
        desk.page.locator(".card + .card").wait_for()
        desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator(".results a").first)
    desk.page.locator(".history").wait_for()
    desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator(".chips a").nth(1))
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_an_auditor_is_asked_why_and_reads_the_history_to_its_end(desk: Desk, group: Group) -> None:
    desk.sign_in(staff_member(AUDITOR))
    desk.open(reverse("contract", args=[group.contract_id]))
    expect(desk.page.locator("[name=why]").first).to_be_focused()
    desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator("main form.card button"))
    desk.page.locator(".note.no").wait_for()
    desk.has_no_barrier_at_any_size()
    desk.page.get_by_label("arsye tjetër").check()
    desk.page.locator("[name=reason]").fill("ankesa me shkresë SQ-7")
    desk.press(desk.page.locator("main form.card button"))
    desk.page.locator(".history").wait_for()
    desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator("a[href*='before=']"))
    desk.has_no_barrier_at_any_size()
