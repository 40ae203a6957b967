"""Walk the demonstration's three stories as a visitor, with staff pages in a second tab."""

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from groups.models import Membership
from klikon.activation.activate import activate
from klikon.models import Channel, LeaderAssignment
from superfamilja.accounts.demonstration import PASSWORD
from tests.browser.conftest import PATIENCE
from tests.browser.demonstration import Running
from tests.browser.hands import put_a_printer
from tests.browser.looking import Desk
from tests.faults.processes import elsewhere, ours

pytest_plugins = ["tests.browser.demonstration"]


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """The worker and the page's own refresh take seconds."""
    expect.set_options(timeout=60_000)
    yield
    expect.set_options(timeout=PATIENCE)


@pytest.mark.full
def test_the_three_stories(context: BrowserContext, page: Page, demonstration: Running) -> None:
    context.set_default_timeout(60_000)
    put_a_printer(context)
    here = Desk(page, demonstration.url)
    here.open("/demo/")
    is_green(page)
    here.has_no_barrier_at_any_size()
    desk = familja_dardha(here)
    familja_dellinja(here, desk)
    last_month(here, desk)
    a_charging_system_that_lies(here, desk, demonstration.database)
    without_javascript(context, demonstration.url)
    assert here.complaints + desk.complaints == []


def familja_dardha(here: Desk) -> Desk:
    """No leader yet: choose, activate, three SMS, 500 on the bill. Return the second tab."""
    page, story = here.page, here.page.locator("#dardha")
    with page.expect_popup() as opened:
        story.get_by_role("link", name="Zgjidhni Liderin Mobile").click()
    desk = Desk(opened.value, here.url)
    sign_in(desk, "kleriku")
    # The link did not come from the search, so the page asks for the reason.
    desk.page.get_by_label("arsye tjetër").check()
    desk.page.get_by_label("Çfarë saktësisht?").fill("ndjek historinë e demonstrimit")
    desk.click("Hapeni këtë klient")
    desk.press(desk.page.get_by_role("button", name="Deklaratë për zgjedhjen e Liderit Mobile"))
    nid = re.search("numri personal ([A-Z][0-9]{8}[A-Z])", story.inner_text())
    assert nid is not None
    desk.page.get_by_label("Numri i dokumentit").fill("AB 123456")
    desk.page.get_by_label("Numri personal i Liderit Fiks").fill(nid[1])
    desk.page.get_by_label("Elira Dardha").check()
    desk.click("Kontrolloni")
    desk.press(desk.page.get_by_role("button", name="Printoni dhe dërgoni kodin"))
    sms = page.get_by_text("Thuajeni vetëm në dyqanin")
    desk.page.get_by_label("Kodi që lexon Lideri Fiks").fill(sms.first.inner_text()[:6])
    desk.click("U nënshkrua: Deklarata hyn në fuqi")
    desk.says("Deklarata është në fuqi.")
    expect(story).to_contain_text("Lideri Mobile: Elira Dardha.")

    desk.click("Dilni")
    with desk.leads_on():  # in the other tab
        story.get_by_role("link", name="Aktivizoni një paketë Super").click()
    sign_in(desk, "agjenti")
    desk.press(desk.page.get_by_role("link", name="Besnik Dardha"))
    desk.page.get_by_role("radio", name="Super 700").check()
    desk.page.get_by_label("Numri i telefonatës së regjistruar").fill("C-2026-118")
    desk.page.get_by_label("Çfarë kërkoi Lideri Mobile dhe si?").fill("telefonoi 130")
    desk.click("Kontrolloni para se të konfirmoni")
    desk.click("Po, aktivizoni Super 700 për: Besnik Dardha")
    desk.page.locator(".reference").wait_for()

    expect(story).to_contain_text("Super 700 për: Besnik Dardha.")
    expect(story).to_contain_text("Kanë ardhur: 3.")
    expect(story).to_contain_text("Tani në faturë: 500 Lekë.")
    for nth, told in enumerate(["Super 700 për: Besnik", "Super 700 u", "keni Super 700"]):
        expect(page.locator(".phone").nth(nth)).to_contain_text(told)
    expect(page.locator("#family .sum").first).to_contain_text("500 Lekë")
    is_green(page)
    here.has_no_barrier_at_any_size()
    return desk


def familja_dellinja(here: Desk, desk: Desk) -> None:
    """5,800 spent: what fits, two at once while charging is down, the puzzling charge."""
    page, story = here.page, here.page.locator("#dellinja")
    expect(story).to_contain_text("Shpenzuar këtë muaj: 5.800 Lekë.")
    expect(story).to_contain_text("Ende e mundur: Super 700 (500 Lekë).")
    turn(page, "Nuk punon")
    here.click("Aktivizoni dy herë njëkohësisht")
    answers = story.locator(".answers")
    expect(answers.get_by_text("u pranua", exact=True)).to_have_count(1)
    expect(answers.get_by_text("u refuzua", exact=True)).to_have_count(1)
    expect(answers).to_contain_text("200 Lekë")
    expect(story).to_contain_text("Shpenzuar këtë muaj: 6.300 Lekë.")
    expect(page.locator(".light.amber")).to_contain_text("Paketa rrugës: 1.")
    here.has_no_barrier()  # once only, because the order waits longer the longer the line is down
    turn(page, "Punon")
    is_green(page)
    with desk.leads_on():
        story.get_by_role("link", name="Kush e kërkoi dhe kush e regjistroi").click()
    expect(desk.page.locator("#content")).to_contain_text("kërkesë me telefon në 130")
    expect(desk.page.locator("#content")).to_contain_text("agjenti")


def last_month(here: Desk, desk: Desk) -> None:
    """One failed, one unknown that a person decides, one parked, a month to approve."""
    page, story = here.page, here.page.locator("#last-month")
    for said in ("Një dështoi dhe u anulua: 800 Lekë", "u la mënjanë", "E mbylli: Shpresa"):
        expect(story).to_contain_text(said)
    desk.click("Dilni")
    with desk.leads_on():
        story.get_by_role("link", name="Vendosni si “shqyrtuesi”").click()
    sign_in(desk, "shqyrtuesi")
    desk.follow("Pyesni sërish")
    desk.page.get_by_label("Arsyeja").fill("sistemi punon sërish")
    desk.click("Kontrolloni para se të konfirmoni")
    desk.click("Po, pyesni sërish sistemin e parapagimit")
    expect(story).to_contain_text("Gjendja tani: u dorëzua.")
    is_green(page)


def a_charging_system_that_lies(here: Desk, desk: Desk, database: str) -> None:
    """A yes is checked later: what the system keeps forgetting turns the light red, with a link."""
    page = here.page
    turn(page, "Gënjen")
    there = {**ours(), "NAME": database}
    assert elsewhere(super_700_for_mira, there).exitcode == 0
    expect(page.locator(".light.red")).to_contain_text("edhe pse paketa nuk u dorëzua: 1")
    here.has_no_barrier_at_any_size()
    with desk.leads_on():
        page.locator(".light").get_by_role("link").click()
    expect(desk.page.locator("#content")).to_contain_text("Mira Dardha")


def super_700_for_mira() -> None:
    """Activate by her leader's call, in a process of its own on the demonstration's database."""
    mira = Membership.objects.get(name="Mira Dardha")
    leader = LeaderAssignment.objects.get(group=mira.group, ended_at=None)
    activate(
        leader=leader.member.msisdn,
        member=mira.msisdn,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="lied to",
        key="once",
    )


def without_javascript(context: BrowserContext, url: str) -> None:
    """Follow the page's own link in place of the script."""
    browser = context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        page.goto(f"{url}/demo/")
        with page.expect_navigation():
            page.get_by_role("button", name="Ngadalë").click()
        expect(page.locator("#charging .chip")).to_have_text("Ngadalë")
        with page.expect_navigation():
            page.get_by_role("link", name="Shikoni përsëri").click()
        expect(page.locator("#charging .chip")).to_have_text("Ngadalë")


def turn(page: Page, switch: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=switch, exact=True).click()
    expect(page.locator("#charging .chip")).to_have_text(switch)


def is_green(page: Page) -> None:
    expect(page.locator(".light.green")).to_contain_text("përputhen.")


def sign_in(desk: Desk, username: str) -> None:
    """The page that asks for the code tells it."""
    desk.page.get_by_label("Emri i përdoruesit").fill(username)
    desk.page.get_by_label("Fjalëkalimi").fill(PASSWORD)
    desk.click("Vazhdoni te kodi")
    code = desk.page.locator(".note .code").inner_text()
    desk.page.get_by_label("Kodi", exact=True).fill(code)
    desk.click("Hyni")
