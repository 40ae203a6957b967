"""Families in a browser: phone and desk, keyboard only, no JavaScript; axe on every page."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Response, expect

from billing import outcomes
from groups.models import Group
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import freezes
from klikon.models import Activation, LeaderAssignment, WaitingRequest
from klikon.payer import asking, limits
from tests.browser.families import activated, closed_family, full_month
from tests.browser.looking import DESKTOP, Desk
from tests.factories import ContractFactory, PromotionFactory, catalogue, family, family_with_leader
from tests.portal.families import code_sent_to, signed_in


def arrive(desk: Desk, msisdn: str) -> None:
    """Sign in as if the code had been right just now, for tests that start behind the door."""
    client = signed_in(msisdn)
    value = client.cookies["family"].value
    desk.page.context.add_cookies([{"name": "family", "value": value, "url": desk.url}])


def sign_in_by_hand(desk: Desk, msisdn: str) -> None:
    desk.page.get_by_label("Numri juaj celular").fill("0" + msisdn[4:])
    desk.click("Më dërgoni një kod")
    desk.page.get_by_label("Kodi nga SMS-ja").fill(code_sent_to(msisdn))
    desk.press(desk.page.locator("main").get_by_role("button", name="Hyni"))


def looked_at(desk: Desk, path: str, status: int = 200) -> None:
    desk.open(path, status)
    desk.has_no_barrier_at_any_size()


def settled(group: Group, seat: int, package: str) -> Activation:
    activation = activated(group, seat, package)
    outcomes.settle(reference=activation.reference, at=timezone.now())
    return activation


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_from_the_start_page_to_a_chosen_leader(desk: Desk, size: str) -> None:
    if size == "desktop":
        desk.page.set_viewport_size(DESKTOP)
    catalogue()
    group = family()
    besnik = group.memberships.get(seat=2)
    desk.open("/")
    desk.press(desk.page.get_by_role("link", name="Zgjidhni Liderin Mobile"))
    sign_in_by_hand(desk, group.contract.contact_msisdn)
    desk.page.get_by_role("radio", name=besnik.name).check()
    desk.press(desk.page.locator("button[value=check]"))
    desk.says("6.500 Lekë (= 13 × Super 700) në muaj")
    desk.page.get_by_label("Kodi nga SMS-ja").fill(code_sent_to(group.contract.contact_msisdn))
    desk.click(f"Po, bëni Lider Mobile: {besnik.name}")
    expect(desk.page.locator(".reference")).to_contain_text("D-")
    assert LeaderAssignment.objects.get(group=group).member == besnik


def test_choosing_with_the_keyboard_alone(desk: Desk) -> None:
    group = family()
    arrive(desk, group.contract.contact_msisdn)
    keys = desk.page.keyboard
    desk.open(reverse("choose_leader", args=[group.contract_id]))
    desk.tab_to(group.memberships.get(seat=1).name)
    keys.press("Space")
    desk.tab_to("Vazhdoni: një kod vjen te")
    desk.enter()
    desk.says("Një SMS me kodin është rrugës te")
    keys.type(code_sent_to(group.contract.contact_msisdn))  # the field has the focus
    desk.enter()
    desk.says("Lideri Mobile u zgjodh")
    assert LeaderAssignment.objects.get(group=group).member.seat == 1


def test_activating_with_the_keyboard_alone(desk: Desk) -> None:
    group, leading = family_with_leader()
    besnik = group.memberships.get(seat=2)
    arrive(desk, leading.member.msisdn)
    keys = desk.page.keyboard
    desk.open(reverse("leader"))
    desk.tab_to(besnik.name)
    desk.enter()
    desk.says(f"Paketa Super për: {besnik.name}")
    desk.tab_to("Super 700")
    keys.press("Space")
    desk.tab_to("Vazhdoni")
    desk.enter()
    desk.says("Muaji pas këtij aktivizimi")
    desk.tab_to(f"Po, aktivizoni Super 700 për: {besnik.name}")
    desk.enter()
    expect(desk.page.locator(".reference")).to_contain_text("KN-")
    assert Activation.objects.get(group=group).member == besnik


@pytest.mark.full
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_choosing_and_activating_without_javascript(desk: Desk) -> None:
    catalogue()
    group = family()
    payer, elira = group.contract.contact_msisdn, group.memberships.get(seat=1)
    desk.open(reverse("choose"))
    sign_in_by_hand(desk, payer)
    desk.page.get_by_role("radio", name=elira.name).check()
    desk.press(desk.page.locator("button[value=check]"))
    desk.page.get_by_label("Kodi nga SMS-ja").fill(code_sent_to(payer))
    desk.press(desk.page.locator("button[value=confirm]"))
    desk.says("Lideri Mobile u zgjodh")
    desk.click("Dilni")
    desk.open(reverse("leader"))
    sign_in_by_hand(desk, elira.msisdn)
    desk.press(desk.page.get_by_role("link", name=elira.name))
    desk.page.get_by_role("radio", name="Super 1000").check()
    desk.press(desk.page.locator("button[value=check]"))
    desk.press(desk.page.locator("button[value=confirm]"))
    expect(desk.page.locator(".reference")).to_contain_text("KN-")
    assert Activation.objects.get(group=group).charged_lek == 800


# --- no barriers -------------------------------------------------------------------------


@pytest.mark.full
def test_the_open_pages_and_the_door(desk: Desk) -> None:
    catalogue()
    number = family().contract.contact_msisdn
    looked_at(desk, "/")
    looked_at(desk, reverse("terms"))
    looked_at(desk, reverse("family_sign_in"))
    for typed in ("067 12", "0" + number[4:]):
        desk.page.locator("[name=number]").fill(typed)
        desk.press(desk.page.locator("main button").first)
        desk.has_no_barrier_at_any_size()
    for code in ("12", "000000"):
        desk.page.locator("[name=code]").fill(code)
        desk.press(desk.page.locator("main button").first)
        desk.page.locator(".note.no").wait_for()
        desk.has_no_barrier_at_any_size()
    desk.page.locator("summary").click()
    desk.has_no_barrier_at_any_size()


def test_a_number_of_two_owners(desk: Desk) -> None:
    number = family().contract.contact_msisdn
    ContractFactory(contact_msisdn=number, owner_nid="K20000002B")
    desk.open(reverse("family_sign_in"), 403)
    sign_in_by_hand(desk, number)
    desk.says("Ju lutemi ejani në dyqan")
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_the_payers_home_in_each_of_its_states(desk: Desk) -> None:
    busy = full_month()
    limits.set_limit(group=busy, limit_lek=3000, at=timezone.now())
    stopped, leading = family_with_leader()
    freezes.freeze(assignment=leading, at=timezone.now())
    suspended, _ = family_with_leader()
    suspended.contract.status = "suspended"
    suspended.contract.save()
    for contract in (
        busy.contract,
        stopped.contract,
        suspended.contract,
        family().contract,
        family(members=0).contract,
        closed_family().contract,
    ):
        arrive(desk, contract.contact_msisdn)
        looked_at(desk, reverse("payer", args=[contract.pk]))


@pytest.mark.full
def test_the_payers_other_pages(desk: Desk) -> None:
    group, leading = family_with_leader()
    settled(group, 1, "S700")
    undone = activated(group, 2, "S1000")
    outcomes.reverse(reference=undone.reference, at=timezone.now(), reason="no answer")
    held = activated(group, 3, "S1200")
    own = limits.set_limit(group=group, limit_lek=4000, at=timezone.now())
    arrive(desk, group.contract.contact_msisdn)
    contract, month = group.contract_id, f"{held.month:%Y-%m}"
    for name, *arguments in (
        ("payer_activations", contract),
        ("payer_bills", contract),
        ("payer_bill", contract, month),
        ("payer_bill", contract, "2020-06"),
        ("payer_charge", undone.charge_id),
        ("payer_charge", held.charge_id),
        ("declaration", leading.declaration_id),
        ("choose_leader", contract),
        ("payer_stops", contract),
        ("payer_allows", contract),
        ("payer_revokes", contract),
        ("payer_sets_limit", contract),
        ("payer_lifts_limit", own.pk),
        ("family",),
    ):
        looked_at(desk, reverse(name, args=arguments))
    looked_at(desk, reverse("payer_bills", args=[contract + 1000]), 404)


@pytest.mark.full
def test_what_waits_for_the_payer(desk: Desk) -> None:
    group, leading = family_with_leader()
    asking.set_ask_above(group=group, above_lek=500, at=timezone.now())
    answer = activated(group, 2, "S1000")
    assert isinstance(answer, WaitingForTheFixedLeader)
    waiting = WaitingRequest.objects.get(group=group)
    arrive(desk, leading.member.msisdn)
    looked_at(desk, reverse("leader"))
    looked_at(desk, reverse("leader_activates", args=[leading.member.pk]))
    arrive(desk, group.contract.contact_msisdn)
    looked_at(desk, reverse("payer", args=[group.contract_id]))
    looked_at(desk, reverse("payer_is_asked", args=[group.contract_id]))
    looked_at(desk, reverse("payer_not_asked", args=[group.contract_id]))
    looked_at(desk, reverse("payer_decides", args=[waiting.pk]))
    desk.press(desk.page.locator("button[value=no]"))
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()
    looked_at(desk, reverse("payer_decides", args=[waiting.pk]))


@pytest.mark.full
def test_a_question_about_a_charge_and_the_pin(desk: Desk) -> None:
    group, _ = family_with_leader()
    done = activated(group, 1, "S700")
    arrive(desk, group.contract.contact_msisdn)
    looked_at(desk, reverse("payer_asks", args=[done.charge_id]))
    desk.press(desk.page.locator("button[value=check]"))
    desk.has_no_barrier_at_any_size()
    desk.page.locator("[name=text]").fill("Kush e kërkoi këtë paketë?")
    desk.press(desk.page.locator("button[value=check]"))
    desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator("button[value=confirm]"))
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()
    asked = done.charge.disputes.get()
    looked_at(desk, reverse("payer_complains", args=[asked.pk]))
    looked_at(desk, reverse("payer_closes_question", args=[asked.pk]))
    looked_at(desk, reverse("payer", args=[group.contract_id]))
    looked_at(desk, reverse("payer_sets_pin", args=[group.contract_id]))
    desk.page.locator("[name=pin]").fill("1234")
    desk.page.locator("[name=again]").fill("1234")
    desk.press(desk.page.locator("button[value=confirm]"))
    desk.page.locator(".note.no").wait_for()
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_choosing_with_mistakes(desk: Desk) -> None:
    group = family()
    contract = group.contract
    contract.contact_msisdn = group.memberships.get(seat=1).msisdn
    contract.save()
    arrive(desk, contract.contact_msisdn)
    desk.open(reverse("choose_leader", args=[contract.pk]))
    desk.press(desk.page.locator("button[value=check]"))
    desk.has_no_barrier_at_any_size()
    desk.page.locator("[name=member]").first.check()
    desk.press(desk.page.locator("button[value=check]"))
    desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator("button[value=confirm]"))
    desk.page.locator(".note.no").wait_for()
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_setting_a_limit_with_a_mistake(desk: Desk) -> None:
    group, _ = family_with_leader()
    arrive(desk, group.contract.contact_msisdn)
    desk.open(reverse("payer_sets_limit", args=[group.contract_id]))
    for typed in ("shumë", "9000", "2.000"):
        desk.page.locator("[name=limit_lek]").fill(typed)
        desk.press(desk.page.locator("button[value=check]"))
        desk.has_no_barrier_at_any_size()
        if typed == "9000":
            desk.page.locator(".note.no").wait_for()


@pytest.mark.full
def test_the_leaders_pages_in_each_of_their_states(desk: Desk) -> None:
    group, leading = family_with_leader()
    activated(group, 1, "S700")
    member = group.memberships.get(seat=1)
    PromotionFactory(msisdn=member.msisdn, package_code="S1000", value=30)
    arrive(desk, leading.member.msisdn)
    looked_at(desk, reverse("leader"))
    desk.page.locator("summary").last.click()
    desk.has_no_barrier_at_any_size()
    looked_at(desk, reverse("leader_activates", args=[member.pk]))
    desk.press(desk.page.locator("button[value=check]"))
    desk.page.locator(".note.no").wait_for()
    desk.has_no_barrier_at_any_size()
    desk.page.locator("[name=package][value=S700]").check()
    desk.press(desk.page.locator("button[value=check]"))
    desk.says("Edhe një herë?")
    desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator("button[value=confirm]"))
    desk.page.locator(".reference").wait_for()
    desk.has_no_barrier_at_any_size()
    looked_at(desk, reverse("leader_gives_back"))
    looked_at(desk, reverse("member"))
    freezes.freeze(assignment=leading, at=timezone.now())
    looked_at(desk, reverse("leader"))
    looked_at(desk, reverse("leader_activates", args=[member.pk]))


def test_a_full_month_and_a_member_with_nothing(desk: Desk) -> None:
    group = full_month()
    leader = LeaderAssignment.objects.get(group=group, ended_at=None).member
    arrive(desk, leader.msisdn)
    looked_at(desk, reverse("leader_activates", args=[leader.pk]))
    arrive(desk, family().memberships.get(seat=1).msisdn)
    looked_at(desk, reverse("member"))


def test_the_first_page_is_light(desk: Desk) -> None:
    """The page has less than 100 KB with its style sheet, for a cheap phone on a slow line."""
    catalogue()
    answers: list[Response] = []

    def answered(answer: Response) -> None:
        answers.append(answer)  # read when it is complete

    desk.page.on("response", answered)
    desk.open("/")
    desk.page.wait_for_load_state("networkidle")
    assert len(answers) >= 2
    assert sum(len(answer.body()) for answer in answers) < 100_000


@pytest.mark.full
def test_changing_the_contact_number_in_every_state(desk: Desk) -> None:
    group = family()
    payer = group.contract.contact_msisdn
    arrive(desk, payer)
    path = reverse("payer_changes_contact", args=[group.contract_id])
    looked_at(desk, path)
    desk.page.get_by_label("Numri juaj i ri celular").fill("069 2")
    desk.click("Dërgoni të dy kodet")
    desk.has_no_barrier()
    desk.page.get_by_label("Numri juaj i ri celular").fill("069 777 1234")
    desk.click("Dërgoni të dy kodet")
    desk.has_no_barrier_at_any_size()
    desk.page.get_by_label(f"Kodi i dërguar te ***{payer[-3:]}").fill(code_sent_to(payer))
    desk.page.get_by_label("Kodi i dërguar te ***234").fill("1")
    desk.click("Po, ndryshojeni në 069 777 1234")
    desk.has_no_barrier()
    desk.page.get_by_label("Kodi i dërguar te ***234").fill(code_sent_to("+355697771234"))
    desk.click("Po, ndryshojeni në 069 777 1234")
    desk.says("Numri juaj i kontaktit u ndryshua.")
    desk.has_no_barrier()


@pytest.mark.full
def test_names_of_his_own_and_the_phones_of_the_demonstration(desk: Desk) -> None:
    group = family()
    arrive(desk, group.contract.contact_msisdn)
    member = group.memberships.get(seat=2)
    looked_at(desk, reverse("payer_names_members", args=[group.contract_id]))
    desk.page.get_by_label(member.name).fill("Vajza")
    desk.click("Ruani këta emra")
    desk.says("Emrat u ruajtën.")
    desk.has_no_barrier()
    looked_at(desk, reverse("demo_phone", args=[member.pk]))
    looked_at(desk, reverse("demo_payer", args=[group.contract_id]))


@pytest.mark.full
def test_on_a_slow_line_one_tap_is_sent_once_and_the_page_says_that_it_works(desk: Desk) -> None:
    group, _ = family_with_leader()
    arrive(desk, group.contract.contact_msisdn)
    desk.open(reverse("payer_stops", args=[group.contract_id]))
    # The answer never comes: the form goes nowhere, as on a dead line.
    desk.page.evaluate(
        "window.sent = 0; document.addEventListener('submit', event => {"
        " if (!event.defaultPrevented) { window.sent += 1; event.preventDefault(); } });"
    )
    button = desk.page.locator("button[value=confirm]")
    button.click()
    button.click()
    desk.page.locator("#slow").wait_for(state="visible")
    assert desk.page.evaluate("window.sent") == 1
    desk.has_no_barrier()
