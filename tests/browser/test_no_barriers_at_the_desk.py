"""axe on every page and state of the store desk, made by sending its forms."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from django.utils import timezone

from groups import contact, membership
from groups.models import Contract, Group
from klikon.desk.models import Draft, Scan
from superfamilja.accounts.roles import AUDITOR
from tests.browser.families import activated, full_month
from tests.browser.looking import Desk
from tests.desk.counter import WITH_A_PROXY, Counter
from tests.factories import (
    ContractFactory,
    MembershipFactory,
    OwnLimitFactory,
    catalogue,
    family,
)
from tests.proofs import payers_word
from tests.signing_in import staff_member

pytestmark = pytest.mark.full
NAME = "Maksimilian-Aleksandër Çelaj-Përmetarakëvë " * 4  # as long as the field allows


@dataclass
class Shop:
    """A clerk, a manager, and a family with long names."""

    clerk: Counter
    manager: Counter
    group: Group

    @property
    def contract(self) -> Contract:
        return self.group.contract

    @property
    def member(self) -> int:
        return self.group.memberships.get(seat=2).pk

    def printed(self, **typed: str) -> Draft:
        return self.clerk.printed("name_leader", self.contract, member=self.member, **typed)

    def scanned(self) -> Draft:
        draft = self.printed()
        self.clerk.scan(draft)
        return draft

    def waiting(self) -> Draft:
        draft = self.scanned()
        self.clerk.post("send_for_approval", draft.pk)
        return draft

    def done(self) -> Draft:
        return self.clerk.declare(self.contract, self.member)

    def spent(self) -> Draft:
        draft = self.done()
        activated(self.group, 2, "S700")
        return draft


@pytest.fixture
def shop(clerk: Counter, manager: Counter) -> Shop:
    catalogue()
    contract = ContractFactory(
        owner_name=NAME[:200].strip(), service_address="Rruga Konferenca e Pezës 112, Tiranë"
    )
    group: Group = MembershipFactory(group__contract=contract, name="Elira Dardha").group
    MembershipFactory(group=group, seat=2, name=NAME[:200].strip())
    MembershipFactory(group=group, seat=3, name="Ç" * 60)
    return Shop(clerk, manager, group)


# --- a request in each of its states ----------------------------------------------------------


def fill(shop: Shop) -> Draft:
    return shop.clerk.begin("name_leader", shop.contract)


def fill_another(shop: Shop) -> Draft:
    return shop.clerk.begin("add_member", shop.contract)


def fill_a_question(shop: Shop) -> Draft:
    return shop.clerk.begin("ask_question", full_month().contract)


def fill_as_a_proxy(shop: Shop) -> Draft:
    draft = fill(shop)
    shop.clerk.post("save_draft", draft.pk, step="keep", version=0, **WITH_A_PROXY)
    return draft


def check(shop: Shop) -> Draft:
    draft = fill(shop)
    shop.clerk.fill(draft, member=shop.member, **WITH_A_PROXY)
    return draft


def check_with_an_obstacle(shop: Shop) -> Draft:
    draft = check(shop)
    membership.close_group(group=shop.group, at=timezone.now())
    return draft


def sign(shop: Shop) -> Draft:
    return shop.printed()


def sign_another(shop: Shop) -> Draft:
    return shop.clerk.printed("close_group", shop.contract)


def sign_a_blank(shop: Shop) -> Draft:
    shop.clerk.client.post(reverse("blanks"), {"count": "1"})
    draft = check(shop)
    shop.clerk.post("use_blank", draft.pk, number=shop.clerk.store.blanks.get().number)
    return draft


def code_sent(shop: Shop) -> Draft:
    draft = shop.printed()
    shop.clerk.read_out(draft)
    return draft


def code_proves_too_little(shop: Shop) -> Draft:
    contact.change_contact(
        proof=payers_word(shop.contract, timezone.now()),
        contract=shop.contract,
        msisdn=shop.contract.contact_msisdn.replace("+35569", "+35568"),
        evidence="doc",
        at=timezone.now(),
    )
    return shop.printed()


def without_a_phone(shop: Shop) -> Draft:
    return shop.scanned()


def waiting(shop: Shop) -> Draft:
    return shop.waiting()


def came_back(shop: Shop) -> Draft:
    draft = shop.waiting()
    shop.manager.post("send_back_draft", draft.pk, reason="Mungon nënshkrimi. " * 20)
    return draft


def done(shop: Shop) -> Draft:
    return shop.spent()


def done_with_a_scan(shop: Shop) -> Draft:
    draft = shop.done()
    shop.clerk.scan(draft)
    return draft


def done_by_signature(shop: Shop) -> Draft:
    draft = shop.clerk.printed("close_group", shop.contract)
    shop.clerk.post("confirm_draft", draft.pk)
    return draft


def cancelled(shop: Shop) -> Draft:
    draft = shop.spent()
    shop.manager.post("cancel_declaration", draft.pk, reason="familje tjetër")
    return draft


def discarded(shop: Shop) -> Draft:
    draft = shop.printed()
    shop.clerk.post("discard_draft", draft.pk)
    return draft


def outdated(shop: Shop) -> Draft:
    draft = shop.printed()
    OwnLimitFactory(group=shop.group, limit_lek=3000)
    return draft


def outdated_at_the_managers(shop: Shop) -> Draft:
    draft = shop.waiting()
    OwnLimitFactory(group=shop.group, limit_lek=3000)
    return draft


def scan_taken_back(shop: Shop) -> Draft:
    draft = shop.waiting()
    shop.manager.post("approve_draft", draft.pk)
    scan = Scan.objects.get(paper__draft=draft)
    shop.manager.post("withdraw_scan", scan.pk, reason="shkresë e një familjeje tjetër")
    return draft


STATES = [
    fill,
    fill_another,
    fill_a_question,
    fill_as_a_proxy,
    check,
    check_with_an_obstacle,
    sign,
    sign_another,
    sign_a_blank,
    code_sent,
    code_proves_too_little,
    without_a_phone,
    waiting,
    came_back,
    done,
    done_with_a_scan,
    done_by_signature,
    cancelled,
    discarded,
    outdated,
    scan_taken_back,
]


def looked_at(desk: Desk, path: str) -> None:
    """Look at the page as it comes, and with everything unfolded."""
    desk.open(path)
    desk.has_no_barrier_at_any_size()
    folded = desk.page.locator("details:not([open]) > summary")
    number = folded.count()
    for _ in range(number):
        folded.first.click()
    if number:
        desk.has_no_barrier_at_any_size()


@pytest.mark.parametrize("state", STATES)
def test_a_request(desk: Desk, shop: Shop, state: Callable[[Shop], Draft]) -> None:
    draft = state(shop)
    desk.take_over(shop.clerk.client)
    looked_at(desk, reverse("draft", args=[draft.pk]))


@pytest.mark.parametrize("state", [waiting, done, sign, outdated_at_the_managers, scan_taken_back])
def test_a_request_as_the_manager_sees_it(
    desk: Desk, shop: Shop, state: Callable[[Shop], Draft]
) -> None:
    draft = state(shop)
    desk.take_over(shop.manager.client)
    looked_at(desk, reverse("draft", args=[draft.pk]))


@pytest.mark.parametrize("state", [fill, check, sign, waiting, done])
def test_a_request_as_an_auditor_reads_it(
    desk: Desk, shop: Shop, state: Callable[[Shop], Draft]
) -> None:
    draft = state(shop)
    desk.sign_in(staff_member(AUDITOR))
    address = reverse("draft", args=[draft.pk])
    looked_at(desk, address)  # the page that asks why they open this customer
    desk.open_customer(address)
    looked_at(desk, address)


# --- what a press of a button is answered -----------------------------------------------------


def test_a_declaration_from_the_first_mistake_to_the_scan(desk: Desk, shop: Shop) -> None:
    page = desk.page
    desk.take_over(shop.clerk.client)
    desk.open_customer(reverse("contract", args=[shop.contract.pk]))
    desk.has_no_barrier_at_any_size()
    desk.press(page.locator("[data-key=d]"))
    page.locator("[name=who][value=proxy]").check()
    desk.press(page.locator("[value=check]"))
    page.locator("[role=alert]").wait_for()
    desk.has_no_barrier_at_any_size()
    page.locator("[name=who][value=owner]").check()
    page.locator("[name=document_number]").fill("AB 123456")
    page.locator("[name=personal_number]").fill("J10000001A")
    page.locator(f"[name=member][value='{shop.member}']").check()
    desk.press(page.locator("[value=check]"))
    page.locator("[data-key=p]").wait_for()
    page.locator("summary").click()
    page.locator("[name=number]").fill("B-999999")
    desk.enter()
    page.locator("[role=alert]").wait_for()
    desk.has_no_barrier_at_any_size()
    shop.clerk.sign(Draft.objects.latest("pk"))
    page.reload()
    desk.press(page.locator("[data-key=s]"))
    page.locator("[name=code]").fill("1234567")
    desk.enter()
    page.locator("[role=alert]").wait_for()
    desk.has_no_barrier_at_any_size()
    page.locator("details:has([name=scan]) > summary").click()
    page.locator("[name=scan]").set_input_files(
        {"name": "skanimi.pdf", "mimeType": "application/pdf", "buffer": b"<html>hello</html>"}
    )
    desk.press(page.locator("form[enctype] button"))
    page.locator("[role=alert]").wait_for()
    desk.has_no_barrier_at_any_size()


# --- the pages around it ----------------------------------------------------------------------


def test_the_desk_and_the_end_of_a_day_before_and_after_the_work(desk: Desk, shop: Shop) -> None:
    pages = [reverse(name) for name in ("desk", "blanks", "letters", "day_end")]
    desk.take_over(shop.manager.client)
    for path in pages:
        looked_at(desk, path)
    shop.waiting()
    for act in ("close_group", "change_contact", "add_member"):
        shop.clerk.begin(act, shop.contract)
    by_letter = shop.clerk.printed(
        "name_leader", (other := family(2)).contract, member=other.memberships.get(seat=1).pk
    )
    shop.clerk.scan(by_letter)
    shop.clerk.post("send_for_approval", by_letter.pk)
    shop.manager.post("approve_draft", by_letter.pk)
    shop.clerk.serve("close_group", family(1).contract)
    discarded(Shop(shop.clerk, shop.manager, family(3)))
    cancelled(Shop(shop.clerk, shop.manager, family(3)))
    for path in pages:
        looked_at(desk, path)


def test_a_day_that_is_closed_and_what_is_refused_there(desk: Desk, shop: Shop) -> None:
    shop.clerk.serve("close_group", family(1).contract)
    desk.take_over(shop.manager.client)
    desk.open(reverse("day_end"))
    desk.press(desk.page.locator("form[action$='/close/'] button"))
    desk.page.locator("[role=alert]").wait_for()
    desk.has_no_barrier_at_any_size()
    desk.page.locator("[name=note]").fill("Skaneri nuk punon. " * 20)
    desk.press(desk.page.locator("form[action$='/close/'] button"))
    desk.page.locator("[role=status]").wait_for()
    looked_at(desk, reverse("day_end"))


def test_cancelling_a_mistake(desk: Desk, shop: Shop) -> None:
    draft = shop.spent()
    desk.take_over(shop.manager.client)
    looked_at(desk, reverse("cancel_declaration", args=[draft.pk]))
    desk.press(desk.page.locator("main form button").last)
    desk.page.locator("[role=alert]").wait_for()
    desk.has_no_barrier_at_any_size()


def test_blanks_that_are_too_many(desk: Desk, shop: Shop) -> None:
    desk.take_over(shop.clerk.client)
    desk.open(reverse("blanks"))
    desk.page.locator("[name=count]").fill("51")
    with desk.page.expect_popup() as opened:
        desk.page.locator("main form button").last.click()
    answered = Desk(opened.value, desk.url)
    answered.page.locator("[role=alert]").wait_for()
    answered.has_no_barrier_at_any_size()
    assert answered.complaints == []
