"""The main job, as a clerk and a care agent do it: sign in, find, name, activate, read."""

from playwright.sync_api import BrowserContext, expect

from klikon.models import Activation
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import CARE_AGENT, STORE_CLERK
from tests.browser.hands import put_a_printer, type_the_code
from tests.browser.looking import PASSWORD, Desk, code_now, person
from tests.factories import catalogue, family


def sign_in_by_hand(desk: Desk, user: User) -> None:
    desk.open("/admin/")
    desk.page.get_by_label("Emri i përdoruesit").fill(user.username)
    desk.page.get_by_label("Fjalëkalimi").fill(PASSWORD)
    desk.click("Vazhdoni te kodi")
    desk.page.get_by_label("Kodi", exact=True).fill(code_now())
    desk.click("Hyni")
    desk.page.get_by_role("searchbox").wait_for()


def test_a_leader_is_named_and_super_1000_activated_by_hand(
    desk: Desk, context: BrowserContext
) -> None:
    put_a_printer(context)
    catalogue()
    group = family()
    contract, besnik = group.contract, group.memberships.get(seat=2)
    page = desk.page

    sign_in_by_hand(desk, person(STORE_CLERK, first_name="Klea", last_name="Kleriku"))
    page.get_by_role("searchbox").fill(contract.number)
    desk.click("Kërkoni")
    expect(page.get_by_role("heading", level=1)).to_contain_text(contract.number)
    assert contract.number not in page.url
    desk.press(page.get_by_role("button", name="Deklaratë për zgjedhjen e Liderit Mobile"))
    page.get_by_label("Numri i dokumentit").fill("AB 123456")
    page.get_by_label("Numri personal i Liderit Fiks").fill(contract.owner_nid)
    page.locator("[name=member]").first.check()
    desk.click("Kontrolloni")
    desk.press(page.get_by_role("button", name="Printoni dhe dërgoni kodin"))
    type_the_code(page, group)
    desk.click("U nënshkrua: Deklarata hyn në fuqi")
    desk.says("Deklarata është në fuqi. Lideri Mobile u caktua.")
    desk.click("Dilni")

    sign_in_by_hand(desk, person(CARE_AGENT, first_name="Alba", last_name="Agjente"))
    page.get_by_role("searchbox").fill(besnik.msisdn)
    desk.click("Kërkoni")
    desk.follow("Aktivizoni një paketë Super")
    desk.press(page.get_by_role("link", name=besnik.name))
    page.get_by_role("radio", name="Super 1000").check()
    page.get_by_label("Numri i telefonatës së regjistruar").fill("C-2026-118")
    page.get_by_label("Çfarë kërkoi Lideri Mobile dhe si?").fill("telefonoi 130")
    desk.click("Kontrolloni para se të konfirmoni")
    expect(page.locator(".price.huge")).to_have_text("800 Lekë")
    desk.click(f"Po, aktivizoni Super 1000 për: {besnik.name}")

    expect(page.locator(".reference")).to_contain_text("KN-")
    activation = Activation.objects.get(contract=contract)
    expect(page.locator(".reference")).to_have_text(activation.reference)
    assert (activation.charged_lek, activation.actor.shown_name) == (800, "Alba Agjente")
    desk.follow(activation.charge.reference)
    expect(page.locator("#content")).to_contain_text("800 Lekë")
    desk.follow(activation.charge.entry.reference)
    expect(page.locator("#content")).to_contain_text("133,33")
