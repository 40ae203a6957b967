"""The activation without a mouse, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from klikon.models import Activation
from superfamilja.accounts.roles import CARE_AGENT
from tests.browser.looking import DESKTOP, Desk
from tests.factories import family_with_leader
from tests.signing_in import staff_member


@pytest.mark.full
def test_an_activation_with_the_keyboard_alone(desk: Desk) -> None:
    group, _ = family_with_leader()
    besnik = group.memberships.get(seat=2)
    desk.sign_in(staff_member(CARE_AGENT))
    desk.page.set_viewport_size(DESKTOP)
    keys = desk.page.keyboard
    desk.open("/admin/")
    desk.tab_to("Kaloni te përmbajtja")
    keys.press("Enter")
    desk.tab_to("Kërkoni")
    keys.type(group.contract.number)
    desk.enter()
    desk.says("Grupi · 3 nga 4 anëtarë")
    desk.tab_to("Aktivizoni një paketë Super")
    desk.enter()
    desk.says("Për kë?")
    desk.tab_to(besnik.name)
    desk.enter()
    desk.says(f"Cila paketë? Për: {besnik.name}")
    desk.tab_to("Super 700")
    keys.press("ArrowDown")  # radio buttons: one stop, then the arrows
    desk.tab_to("Numri i telefonatës së regjistruar")
    keys.type("C-2026-118")
    desk.tab_to("Çfarë kërkoi Lideri Mobile dhe si?")
    keys.type("telefonoi 130")
    desk.tab_to("Kontrolloni para se të konfirmoni")
    desk.enter()
    desk.says(f"Super 1000 për: {besnik.name}?")
    desk.tab_to(f"Po, aktivizoni Super 1000 për: {besnik.name}")
    desk.enter()
    expect(desk.page.locator(".reference")).to_contain_text("KN-")
    assert Activation.objects.get(contract=group.contract).member == besnik


@pytest.mark.full
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_an_activation_without_javascript(desk: Desk) -> None:
    group, _ = family_with_leader()
    desk.sign_in(staff_member(CARE_AGENT))
    desk.open("/admin/search/")
    desk.page.get_by_role("searchbox").fill(group.contract.number)
    desk.click("Kërkoni")
    desk.follow("Aktivizoni një paketë Super")
    desk.page.get_by_role("radio", name="Super 1000").check()
    desk.page.get_by_label("Numri i telefonatës së regjistruar").fill("C-2026-118")
    desk.page.get_by_label("Çfarë kërkoi Lideri Mobile dhe si?").fill("telefonoi 130")
    desk.click("Kontrolloni para se të konfirmoni")
    desk.press(desk.page.locator("button[value=confirm]"))
    expect(desk.page.locator(".reference")).to_contain_text("KN-")
    assert Activation.objects.get(contract=group.contract).charged_lek == 800
