"""A subscriber file in a real browser: sent in, agreed to by two, rejects mended, undone."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import Settings

from groups.incoming import carrying
from groups.models import Contract, Membership
from superfamilja.accounts.roles import AUDITOR, BILLING_APPROVER, BILLING_REVIEWER
from tests.browser.looking import Desk
from tests.groups.incoming.conftest import HEAD
from tests.signing_in import staff_member

GOOD = (
    "WB1,042990001,active,J19900001A,Drita Dardha,0699900001,,Rruga e Provës 1,,2024-01-10,,"
    "0679900001,Elira,standard_prepaid,2024-01-10,"
)
BAD = (
    "WB2,042990002,active,J19900002B,Agron Molla,0699900002,,Rruga e Provës 2,,2024-01-10,,"
    "0679900002,Besnik,standard_prepaid,2024-01-45,"
)


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    settings.INCOMING_DIR = tmp_path / "incoming"
    settings.INCOMING_SECOND_PERSON_CONTRACTS = 0


def work() -> None:
    assert carrying.carry_out_next(timezone.now())


def send(desk: Desk, path: Path, rows: str = "") -> None:
    desk.open("/admin/files/")
    desk.page.set_input_files("input[type=file]", path)
    desk.page.fill("[name=rows]", rows)
    desk.page.click("form[enctype] button")


def say_yes(desk: Desk, address: str) -> None:
    desk.page.click(f"a[href$='/{address}/']")
    desk.page.fill("[name=reason]", "skedari i ditës")
    desk.page.click("button[value=check]")
    desk.page.click("button[value=confirm]")


def rejects_of(desk: Desk, folder: Path) -> Path:
    """Look at the rejected rows, then download them."""
    desk.page.click("a[href$='kind=rejected']")
    expect(desk.page.get_by_text("nuk është datë")).to_be_visible()
    desk.has_no_barrier()
    desk.page.go_back()
    with desk.page.expect_download() as download:
        desk.page.click("a[href$='/rejects/']")
    path = folder / "mend.csv"
    download.value.save_as(path)
    return path


def test_a_file_is_sent_looked_at_agreed_to_mended_and_undone(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    path.write_text("\n".join([HEAD, GOOD, BAD, "#rows=2", ""]), encoding="utf-8")
    first, second = staff_member(BILLING_REVIEWER), staff_member(BILLING_APPROVER)

    desk.sign_in(first)
    send(desk, path)
    expect(desk.page.locator("[data-progress]")).to_be_visible()
    desk.has_no_barrier()
    work()  # the page looks again by itself
    expect(desk.page.locator("a[href$='kind=new']")).to_have_text("1")
    desk.has_no_barrier()
    address = desk.page.url
    mend = rejects_of(desk, tmp_path)
    say_yes(desk, "confirm_file")
    expect(desk.page.get_by_text("prandaj e miraton një person i dytë")).to_be_visible()
    assert not Contract.objects.filter(number="WB1").exists()

    desk.sign_in(second)
    desk.page.goto(address)
    say_yes(desk, "agree_to_file")
    work()
    desk.page.goto(address)
    expect(desk.page.locator("h1 .chip")).to_have_text("u ngarkua")
    assert Membership.objects.get(group__contract__number="WB1").msisdn == "+355679900001"

    mend.write_text(mend.read_text().replace("2024-01-45", "2024-01-15"), encoding="utf-8")
    send(desk, mend, rows="1")
    work()
    desk.page.reload()
    say_yes(desk, "confirm_file")
    desk.sign_in(first)
    desk.open("/admin/files/")
    desk.has_no_barrier()
    desk.page.click("tbody tr:first-child a")
    say_yes(desk, "agree_to_file")
    work()
    desk.page.reload()
    assert Contract.objects.filter(number="WB2").exists()

    say_yes(desk, "undo_file")
    work()
    desk.page.reload()
    expect(desk.page.locator("h1 .chip")).to_have_text("u zhbë")
    assert not Contract.objects.filter(number="WB2").exists()
    assert Contract.objects.filter(number="WB1").exists()

    desk.sign_in(staff_member(AUDITOR))
    desk.open("/admin/crm-events/")
    desk.has_no_barrier()
