"""Every page and state of a month without barriers in a browser, and a close that takes time.

Each test has a month of its own, years back, because a closed month stays closed.
"""

from datetime import date
from itertools import count

import pytest
from django.db import connection
from django.urls import reverse

from billing import outcomes
from billing.models import CloseRequest, IssuedFile, ParkedEntry
from billing.month import close_requests, closing
from groups.models import Contract
from superfamilja.accounts.roles import (
    AUDITOR,
    BILLING_APPROVER,
    BILLING_REVIEWER,
    CARE_AGENT,
)
from superfamilja.values.months import month_number
from tests.billing.closing import first_minute_after, reviewer
from tests.browser.looking import Desk
from tests.factories import ContractFactory, at, charge
from tests.signing_in import staff_member

_months = count(2018 * 12)


@pytest.fixture
def month() -> date:
    """A month with a settled, a reversed and a held charge, and an entry that disagrees."""
    number = next(_months)
    month = date(number // 12, number % 12 + 1, 1)
    moment = f"{month:%Y-%m}-05 12:00"
    contract, bad = ContractFactory(number=f"FX{number}"), ContractFactory()
    for each in (contract, bad):
        posted = charge(each, 800, moment)
        outcomes.settle(reference=posted.reference, at=at(moment))
    failed = charge(contract, 500, moment)
    outcomes.reverse(reference=failed.reference, at=at(moment), reason="failed")
    charge(contract, 1300, moment)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_billentry SET spent = 700 WHERE contract_id = %s", [bad.pk])
    return month


def close(month: date) -> None:
    closing.close_month(
        month=month, at=first_minute_after(month), actor=reviewer(), reason="muaji mbaroi"
    )


def open_month(desk: Desk, month: date) -> None:
    desk.open(reverse("month", args=[month_number(month)]))


def step(desk: Desk, value: str, reason: str = "") -> None:
    if reason:
        desk.page.locator("[name=reason]").fill(reason)
    desk.press(desk.page.locator(f"button[value={value}]"))


def act(desk: Desk, name: str, month: date) -> None:
    """Look at an act's first page and at its check page."""
    desk.open(reverse(name, args=[month_number(month)]))
    desk.has_no_barrier_at_any_size()
    step(desk, "check", "shifrat u kontrolluan")
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_a_close_is_waited_for_and_the_page_shows_by_itself_when_it_is_done(
    desk: Desk, month: date
) -> None:
    desk.sign_in(staff_member(BILLING_REVIEWER), language="en")
    open_month(desk, month)
    desk.has_no_barrier_at_any_size()
    act(desk, "close_month", month)
    step(desk, "confirm")
    desk.says("The month is being closed.")
    desk.has_no_barrier_at_any_size()
    while close_requests.carry_out_next(first_minute_after(month)):
        pass
    desk.page.get_by_text("as the month was closed").wait_for()
    assert CloseRequest.objects.get(month=month).refusal is None
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_a_close_that_was_refused_says_why(desk: Desk, month: date) -> None:
    desk.sign_in(staff_member(BILLING_REVIEWER), language="en")
    act(desk, "close_month", month)
    held = Contract.objects.get(number=f"FX{month.year * 12 + month.month - 1}").charges.get(
        state="held"
    )
    outcomes.settle(reference=held.reference, at=first_minute_after(month))
    step(desk, "confirm")
    while close_requests.carry_out_next(first_minute_after(month)):
        pass
    desk.page.get_by_text("changed after you looked at them").wait_for()
    desk.has_no_barrier_at_any_size()
    close(month)
    desk.open(reverse("close_month", args=[month_number(month)]))
    desk.says("was closed before")
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_approving_issuing_and_downloading(desk: Desk, month: date) -> None:
    close(month)
    desk.sign_in(staff_member(BILLING_APPROVER), language="en")
    act(desk, "draft_month", month)
    with desk.page.expect_download() as draft:
        desk.page.locator("button[value=confirm]").click()
    assert draft.value.suggested_filename == f"klikon-{month:%Y-%m}-draft.csv"
    act(desk, "approve_month", month)
    step(desk, "confirm")
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()
    act(desk, "issue_month", month)
    step(desk, "confirm")
    desk.says(IssuedFile.objects.get(month=month).sha256)
    desk.has_no_barrier_at_any_size()
    with desk.page.expect_download() as file:
        desk.page.get_by_role("link", name=f"klikon-{month:%Y-%m}-").first.click()
    assert file.value.path().read_text().splitlines()[-1].startswith("TRAILER,")


@pytest.mark.full
def test_whoever_closed_is_told_before_and_refused_in_words(desk: Desk, month: date) -> None:
    user = staff_member(BILLING_APPROVER)
    closing.close_month(month=month, at=first_minute_after(month), actor=user)
    desk.sign_in(user, language="en")
    open_month(desk, month)
    desk.says("You closed this month, so a second person approves it.")
    desk.has_no_barrier_at_any_size()
    act(desk, "approve_month", month)
    step(desk, "confirm")
    desk.says("a second person does")
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_cancelling_a_close(desk: Desk, month: date) -> None:
    close(month)
    desk.sign_in(staff_member(BILLING_REVIEWER))
    act(desk, "cancel_close", month)
    step(desk, "confirm")
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
@pytest.mark.parametrize("role", [AUDITOR, CARE_AGENT])
def test_the_list_of_months_and_its_pages(desk: Desk, month: date, role: str) -> None:
    desk.sign_in(staff_member(role))
    for path in ("/admin/months/", "/admin/months/?page=2", "/admin/months/?page=999"):
        desk.open(path)
        desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_parked_entries_and_their_ways_out(desk: Desk, month: date) -> None:
    close(month)
    row = ParkedEntry.objects.get(month=month)
    desk.sign_in(staff_member(BILLING_REVIEWER))
    paths = [reverse("parked_list"), f"{reverse('parked_list')}?month={month_number(month)}"]
    for path in (*paths, reverse("parked_entry", args=[row.pk])):
        desk.open(path)
        desk.has_no_barrier_at_any_size()
    for name in ("recount_parked", "propose_parked"):
        desk.open(reverse(name, args=[row.pk]))
        desk.has_no_barrier_at_any_size()
        step(desk, "check", "rreshtat u kontrolluan")
        desk.has_no_barrier_at_any_size()
    step(desk, "confirm")
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()
    desk.open(reverse("accept_parked", args=[row.pk]))
    step(desk, "check", "rreshtat u kontrolluan")
    desk.page.locator(".note.no").wait_for()
    desk.has_no_barrier_at_any_size()
    desk.sign_in(staff_member(BILLING_APPROVER))
    desk.open(reverse("accept_parked", args=[row.pk]))
    step(desk, "check", "rreshtat u kontrolluan")
    step(desk, "confirm")
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_a_contracts_bill_its_file_and_its_print(desk: Desk, month: date) -> None:
    close(month)
    bad = ParkedEntry.objects.get(month=month).contract
    good = Contract.objects.get(number=f"FX{month.year * 12 + month.month - 1}")
    desk.sign_in(staff_member(CARE_AGENT), language="en")
    for contract in (good, bad, ContractFactory()):
        desk.open_customer(reverse("contract_bill", args=[contract.pk, month_number(month)]))
        desk.has_no_barrier_at_any_size()
    desk.open(reverse("contract_bill", args=[good.pk, month_number(month)]))
    with desk.page.expect_download() as file:
        desk.page.get_by_role("link", name="Download as CSV").click()
    assert "Total" in file.value.path().read_text()
    desk.page.emulate_media(media="print")
    assert not desk.page.get_by_role("link", name="Download as CSV").is_visible()
    assert desk.page.get_by_text("All amounts include VAT.").is_visible()
    desk.page.emulate_media(media="screen")
