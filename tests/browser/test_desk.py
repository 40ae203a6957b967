"""Make the Declaration at the counter in a browser, in every honest way.

By keyboard only, by touch, without a phone, with a blank form, by a proxy.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from groups.models import Group, Membership
from klikon.activation.activate import activate
from klikon.desk.models import Draft, Letter
from klikon.desk.papers.blanks import make_blanks
from klikon.models import Channel, Declaration, LeaderAssignment
from tests.browser.hands import Keys, printed, put_a_printer, read_out, type_the_code
from tests.browser.looking import DESKTOP, Desk
from tests.desk.counter import Counter, scan_of
from tests.factories import catalogue, family

ON_A_PHONE = pytest.mark.browser_context_args(has_touch=True, is_mobile=True)


@pytest.fixture
def group() -> Group:
    catalogue()
    return family(3)


@pytest.fixture(autouse=True)
def _printer(context: BrowserContext) -> None:
    put_a_printer(context)


@pytest.fixture
def besnik(group: Group) -> Membership:
    """Return the member who is to become the Mobile Leader."""
    return group.memberships.get(seat=2)


def leads_and_activates(member: Membership) -> bool:
    """Check that this member leads, and activate a package at their request."""
    in_force = LeaderAssignment.objects.in_force().get(group=member.group)
    done = activate(
        leader=member.msisdn,
        member=member.msisdn,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="counter",
        key=f"{member.pk}",
    )
    return in_force.member == member and done.charged_lek == 500


def in_force(page: Page) -> None:
    page.get_by_text("Deklarata është në fuqi. Lideri Mobile u caktua.").wait_for()


def identify(page: Page) -> None:
    page.get_by_label("Numri i dokumentit").fill("AB 123456")
    page.get_by_label("Numri personal i Liderit Fiks").fill("J10000001A")


def filled_in(desk: Desk, clerk: Counter, member: Membership) -> Draft:
    """Fill in the Declaration's form by hand and check it."""
    desk.take_over(clerk.client)
    draft = clerk.begin("name_leader", member.group.contract)
    desk.open(reverse("draft", args=[draft.pk]))
    identify(desk.page)
    desk.page.get_by_label(member.name).check()
    desk.click("Kontrolloni")
    return draft


def with_the_code(desk: Desk, group: Group) -> None:
    desk.press(desk.page.get_by_role("button", name="U nënshkrua: dërgoni kodin"))
    type_the_code(desk.page, group)
    desk.click("U nënshkrua: Deklarata hyn në fuqi")
    in_force(desk.page)


@pytest.mark.browser_context_args(viewport=DESKTOP)
def test_by_keyboard_alone_it_takes_six_interactions_after_the_identification(
    desk: Desk, clerk: Counter, besnik: Membership
) -> None:
    desk.take_over(clerk.client)
    desk.open(reverse("desk"))
    pages: list[str] = []
    desk.page.on("framenavigated", lambda f: f.parent_frame or pages.append(f.url))
    keys = Keys(desk.page)
    keys.press("/")
    keys.type("text", besnik.group.contract.number)
    keys.open("Enter")
    keys.open("d")
    keys.type("document_number", "AB 123456")
    keys.press("Tab")
    keys.type("personal_number", "J10000001A")
    with keys.at_most(6):
        keys.press("Tab")
        keys.is_at("member")
        keys.press("ArrowDown")
        keys.open("Enter")
        keys.open("p")
        printed(desk.page)
        keys.type("code", read_out(besnik.group))
        keys.open("Enter")
        in_force(desk.page)
    # Thirteen from the search box, five pages.
    assert (keys.count, len(pages)) == (13, 5)
    assert leads_and_activates(besnik)


@pytest.mark.full
@pytest.mark.browser_context_args(viewport=DESKTOP)
def test_the_contact_is_changed_with_the_old_phone_and_no_mouse(
    desk: Desk, clerk: Counter, besnik: Membership
) -> None:
    """Search, three fields, print, code: six keys from the personal number on."""
    contract = besnik.group.contract
    desk.take_over(clerk.client)
    desk.open(reverse("desk"))
    keys = Keys(desk.page)
    keys.press("/")
    keys.type("text", contract.number)
    keys.open("Enter")
    keys.open("k")
    keys.type("document_number", "AB 123456")
    keys.press("Tab")
    keys.type("personal_number", "J10000001A")
    with keys.at_most(6):
        keys.press("Tab")
        keys.type("msisdn", "069 222 2222")
        keys.open("Enter")
        keys.open("p")
        printed(desk.page)
        keys.type("code", read_out(besnik.group))
        keys.open("Enter")
        desk.page.get_by_text("Numri i kontaktit u ndryshua").first.wait_for()
    contract.refresh_from_db()
    assert contract.contact_msisdn == "+355692222222"


@pytest.mark.full
@ON_A_PHONE
def test_by_touch_on_a_small_screen(desk: Desk, clerk: Counter, besnik: Membership) -> None:
    page = desk.page
    desk.take_over(clerk.client)
    desk.open(reverse("desk"))
    page.get_by_role("searchbox").fill(besnik.group.contract.number)
    page.get_by_role("button", name="Kërkoni").tap()
    page.get_by_role("button", name="Deklaratë për zgjedhjen e Liderit Mobile").tap()
    identify(page)
    page.get_by_text(besnik.name).last.tap()
    page.get_by_role("button", name="Kontrolloni").tap()
    page.get_by_role("button", name="Printoni dhe dërgoni kodin").tap()
    printed(page)
    type_the_code(page, besnik.group)
    page.get_by_role("button", name="U nënshkrua: Deklarata hyn në fuqi").tap()
    in_force(page)
    assert leads_and_activates(besnik)


@pytest.fixture
def at_the_managers(
    browser: Browser, browser_context_args: dict[str, Any], desk: Desk, manager: Counter
) -> Iterator[Desk]:
    """Return the manager's own browser."""
    context = browser.new_context(**browser_context_args)
    there = Desk(context.new_page(), desk.url)
    there.take_over(manager.client)
    yield there
    context.close()
    assert not there.complaints, "\n".join(there.complaints)


@pytest.mark.full
def test_without_a_phone_the_manager_decides_on_the_scan(
    desk: Desk, at_the_managers: Desk, clerk: Counter, besnik: Membership
) -> None:
    draft = filled_in(desk, clerk, besnik)
    page, there = desk.page, at_the_managers.page
    desk.press(page.get_by_role("button", name="Printoni për nënshkrim"))
    page.get_by_text("Lideri Fiks nuk ka telefon që punon").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_label("Skanimi i shkresës së nënshkruar").click()
    chooser.value.set_files(
        {"name": "skanimi.jpg", "mimeType": "image/jpeg", "buffer": scan_of(draft).read()}
    )
    desk.click("Bashkëngjitni skanimin")
    desk.says("Kjo është shkresa e kësaj kërkese: kodi i saj QR u lexua.")
    desk.press(page.get_by_role("button", name="Dërgojani menaxherit"))
    desk.says("Deri atëherë asgjë nuk është në fuqi.")
    assert not LeaderAssignment.objects.filter(group=besnik.group).exists()

    at_the_managers.open(reverse("desk"))
    at_the_managers.follow("Drita Dardha Deklaratë për zgjedhjen e Liderit Mobile")
    picture = there.get_by_role("img", name="Faqja 1")
    expect(picture).to_have_js_property("naturalWidth", 827)
    at_the_managers.click("Po, hyn në fuqi")
    in_force(there)
    page.reload()
    in_force(page)
    assert leads_and_activates(besnik)
    assert Letter.objects.get(paper__draft__contract=besnik.group.contract).posted_at is None


@pytest.mark.full
def test_with_the_printer_out_a_blank_form_is_signed(
    desk: Desk, clerk: Counter, besnik: Membership
) -> None:
    (blank,) = make_blanks(store=clerk.store, count=1, actor=clerk.user, at=timezone.now())
    filled_in(desk, clerk, besnik)
    desk.page.get_by_text("Printeri nuk punon").click()
    desk.page.get_by_label("Numri i formularit").fill(blank.number)
    desk.click("Përdoreni këtë formular")
    with_the_code(desk, besnik.group)
    assert leads_and_activates(besnik)
    assert f"; {blank.number}; " in Declaration.objects.get(contract=besnik.group.contract).evidence


@pytest.mark.full
def test_a_proxy_declares_with_his_power_of_attorney(
    desk: Desk, clerk: Counter, besnik: Membership
) -> None:
    page = desk.page
    desk.take_over(clerk.client)
    draft = clerk.begin("name_leader", besnik.group.contract)
    desk.open(reverse("draft", args=[draft.pk]))
    name = page.get_by_label("Emri i atij që ka prokurën")
    expect(name).to_be_hidden()
    page.get_by_label("dikush me prokurë").check()
    name.fill("Petrit Prokura")
    page.get_by_label("Numri i prokurës").fill("1204/3")
    page.get_by_label("Data e prokurës").fill("24.11.2026")
    identify(page)
    page.get_by_label(besnik.name).check()
    desk.click("Kontrolloni")
    desk.press(page.get_by_role("button", name="Printoni për nënshkrim"))
    with_the_code(desk, besnik.group)
    assert leads_and_activates(besnik)
    declaration = Declaration.objects.get(contract=besnik.group.contract)
    assert declaration.signatory_name == "Petrit Prokura"


def test_what_was_typed_is_there_after_the_browser_was_lost(
    desk: Desk, clerk: Counter, besnik: Membership
) -> None:
    desk.take_over(clerk.client)
    draft = clerk.begin("name_leader", besnik.group.contract)
    path = reverse("draft", args=[draft.pk])
    desk.open(path)
    desk.page.get_by_label("Numri i dokumentit").fill("AB 12")
    desk.page.get_by_label(besnik.name).check()
    expect(desk.page.locator("#kept")).to_have_text("U ruajt")
    desk.page.reload()
    expect(desk.page.get_by_label("Numri i dokumentit")).to_have_value("AB 12")
    desk.page.close()
    later = desk.page.context.new_page()
    later.goto(desk.url + path)
    expect(later.get_by_label("Numri i dokumentit")).to_have_value("AB 12")
    expect(later.get_by_label(besnik.name)).to_be_checked()
    draft.refresh_from_db()
    assert draft.typed["document_number"] == "AB 12"
