"""The telephone on a page, in a browser: heard, shown, without a barrier."""

from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import expect

from klikon.models import Activation
from superfamilja.customers.sessions import FAMILY_COOKIE
from tests.browser.looking import Desk
from tests.factories import family_with_leader


@pytest.fixture(autouse=True)
def _sounds_here(settings, tmp_path: Path) -> None:
    settings.IVR_SOUNDS_DIR = tmp_path


def dial(desk: Desk, number: str) -> None:
    """As the button under a phone of the demonstration does."""
    client = Client()
    answer = client.post("/demo/call/dial/", {"number": number})
    assert answer.status_code == 302
    session = client.cookies[FAMILY_COOKIE].value
    desk.page.context.add_cookies([{"name": FAMILY_COOKIE, "value": session, "url": desk.url}])
    desk.open("/demo/call/")


def press(desk: Desk, keys: str) -> None:
    for key in keys:
        desk.press(desk.page.get_by_role("button", name=key, exact=True))


@pytest.mark.full
def test_a_call_on_a_page(desk: Desk) -> None:
    group, leader = family_with_leader()
    dial(desk, leader.member.msisdn)
    desk.says("Mirë se vini në Klik-ON.")
    desk.has_no_barrier_at_any_size()
    press(desk, "21")
    desk.says("Në dyqan 700 Lekë, me Klik-ON 500 Lekë")
    desk.has_no_barrier()
    press(desk, "1")
    desk.says("U krye: Super 700 është aktive.")
    expect(desk.page.locator("audio")).to_have_count(1)
    desk.click("Mbylleni")
    desk.says("Telefonata mbaroi.")
    desk.has_no_barrier()
    assert Activation.objects.get(contract=group.contract).charged_lek == 500
