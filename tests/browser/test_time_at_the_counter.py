"""Count how long the honest ways take at the counter; docs/counter.md has the table.

The counts are literals. The machine's own seconds are printed (`-s`) and decide nothing.
"""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext

from groups.models import Contract, Group
from klikon.desk.models import Draft
from klikon.models import LeaderAssignment
from tests.browser.counted_hands import Count, CountedHands
from tests.browser.hands import printed, put_a_printer, read_out
from tests.browser.looking import DESKTOP, Desk
from tests.desk.counter import Counter, scan_of
from tests.factories import catalogue, family

pytestmark = [pytest.mark.full, pytest.mark.browser_context_args(viewport=DESKTOP)]


@pytest.fixture
def group() -> Group:
    catalogue()
    return family(3)


@pytest.fixture(autouse=True)
def _printer(context: BrowserContext) -> None:
    put_a_printer(context)


@pytest.fixture
def hands(desk: Desk, clerk: Counter) -> CountedHands:
    """Return the clerk's hands, at the search box of the desk."""
    desk.take_over(clerk.client)
    desk.open(reverse("desk"))
    return CountedHands(desk.page)


@pytest.fixture
def managers_hands(
    browser: Browser, browser_context_args: dict[str, Any], desk: Desk, manager: Counter
) -> Iterator[CountedHands]:
    """Return the second person's hands, in a browser of their own."""
    context = browser.new_context(**browser_context_args)
    there = Desk(context.new_page(), desk.url)
    there.take_over(manager.client)
    there.open(reverse("desk"))
    yield CountedHands(there.page)
    context.close()
    assert not there.complaints, "\n".join(there.complaints)


def find_and_begin(hands: CountedHands, contract: Contract, key: str) -> None:
    """Find the contract by the number on the customer's bill, and press the act's key."""
    hands.press("/")
    hands.type("text", contract.number)
    hands.open("Enter")
    hands.open(key)
    hands.type("document_number", "AB 123456")
    hands.press("Tab")
    hands.type("personal_number", "J10000001A")
    hands.press("Tab")


def check_and_print(hands: CountedHands, key: str = "p") -> None:
    """P sends the code, too; W prints alone."""
    hands.open("Enter")
    hands.open(key)
    with hands.waiting():
        printed(hands.page)


def scan_and_send(hands: CountedHands, contract: Contract) -> None:
    """Send the signed paper to the manager, because no phone of the customer works."""
    page = hands.page
    hands.tab_to(page.locator("summary", has_text="Lideri Fiks nuk ka telefon që punon"))
    hands.press("Enter")
    scan = scan_of(Draft.objects.get(contract=contract)).read()
    hands.choose_file(page.get_by_label("Skanimi i shkresës së nënshkruar"), "skanimi.jpg", scan)
    hands.tab_to(page.get_by_role("button", name="Bashkëngjitni skanimin"))
    hands.open("Enter")
    hands.open("m")
    page.get_by_text("Deri atëherë asgjë nuk është në fuqi.").wait_for()


def decide(hands: CountedHands) -> None:
    """Decide as the manager: open the waiting request and compare the scan line by line."""
    with hands.waiting():
        hands.page.reload()
    hands.tab_to(hands.page.get_by_role("link", name="Drita Dardha").first)
    hands.open("Enter")
    hands.tab_to(hands.page.get_by_role("button", name="Po, hyn në fuqi"))
    hands.open("Enter")


def show(act: str, **people: CountedHands) -> None:
    """Print the figures for docs/counter.md."""
    for who, hands in people.items():
        done = hands.counted()
        waited = f"machine {hands.machine_seconds:.1f} s"
        sys.stdout.write(f"\n{act}, {who}: {done}, {done.seconds} s; {waited}\n")


def test_a_contact_number_by_paper_that_a_second_person_has_seen(
    hands: CountedHands, managers_hands: CountedHands, group: Group
) -> None:
    find_and_begin(hands, group.contract, "k")
    hands.type("msisdn", "069 222 2222")
    check_and_print(hands, "w")
    scan_and_send(hands, group.contract)
    decide(managers_hands)
    show("contact by paper", clerk=hands, manager=managers_hands)
    assert Contract.objects.get(pk=group.contract_id).contact_msisdn == "+355692222222"
    assert hands.counted() == Count(posts=6, pages=6, keys=56, thoughts=11)
    assert managers_hands.counted() == Count(posts=1, pages=3, keys=15, thoughts=2)


def test_a_declaration_without_a_phone(
    hands: CountedHands, managers_hands: CountedHands, group: Group
) -> None:
    find_and_begin(hands, group.contract, "d")
    hands.press("ArrowDown")
    check_and_print(hands, "w")
    scan_and_send(hands, group.contract)
    decide(managers_hands)
    show("Declaration without a phone", clerk=hands, manager=managers_hands)
    assert LeaderAssignment.objects.in_force().filter(group=group).exists()
    assert hands.counted() == Count(posts=6, pages=6, keys=45, thoughts=10)
    assert managers_hands.counted() == Count(posts=1, pages=3, keys=15, thoughts=2)


def test_a_declaration_with_the_code_from_the_phone(hands: CountedHands, group: Group) -> None:
    find_and_begin(hands, group.contract, "d")
    hands.press("ArrowDown")
    check_and_print(hands)
    hands.type("code", read_out(group))
    hands.open("Enter")
    show("Declaration with the phone", clerk=hands)
    assert LeaderAssignment.objects.in_force().filter(group=group).exists()
    assert hands.counted() == Count(posts=5, pages=5, keys=43, thoughts=9)


def test_a_contact_number_with_the_code_from_the_old_phone(
    hands: CountedHands, group: Group
) -> None:
    """Four forms after the search: begin, check, print and send the code, confirm."""
    find_and_begin(hands, group.contract, "k")
    hands.type("msisdn", "069 222 2222")
    check_and_print(hands)
    hands.type("code", read_out(group))
    hands.open("Enter")
    show("contact with the old phone", clerk=hands)
    assert Contract.objects.get(pk=group.contract_id).contact_msisdn == "+355692222222"
    assert hands.counted() == Count(posts=5, pages=5, keys=54, thoughts=10)


def test_the_human_pace_is_that_of_the_keystroke_level_model() -> None:
    assert Count(posts=5, pages=7, keys=50, thoughts=10).seconds == 47  # 14 + 12 + 21
