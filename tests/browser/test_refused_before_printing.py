"""The desk and the credit page say “no” on the check page, in Albanian, before a paper is made."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from billing import outcomes
from groups.models import Contract
from klikon.desk.models import Paper
from superfamilja.accounts.roles import CARE_AGENT
from tests.browser.looking import DESKTOP, Desk
from tests.desk.counter import Counter
from tests.factories import ContractFactory, at, charge, family, family_with_leader
from tests.signing_in import staff_member

PRINT = "Printoni për nënshkrim"


def says_no(
    desk: Desk, clerk: Counter, sentence: str, act: str, contract: Contract, **typed: object
) -> None:
    """Check that the request's check page says this sentence and offers no paper."""
    draft = clerk.begin(act, contract)
    clerk.fill(draft, **typed)
    desk.open(reverse("draft", args=[draft.pk]))
    expect(desk.page.locator(".note.no")).to_contain_text(sentence)
    expect(desk.page.get_by_role("button", name=PRINT)).to_have_count(0)
    expect(desk.page.get_by_role("button", name="Jo, ndryshojeni")).to_be_visible()


@pytest.mark.full
def test_the_four_foreseeable_refusals(desk: Desk, clerk: Counter) -> None:
    desk.take_over(clerk.client)
    elsewhere, group = family(1).memberships.get(), family(2)
    other: Contract = ContractFactory(contact_msisdn="+355692227777", owner_nid="K10000002B")
    led, leader = family_with_leader()
    papers = Paper.objects.count()
    says_no(
        desk,
        clerk,
        "Ky numër është tashmë anëtar i një grupi SuperFamilja",
        "add_member",
        group.contract,
        msisdn=elsewhere.msisdn,
        name="Ana",
        plan="standard_prepaid",
    )
    says_no(
        desk,
        clerk,
        "Një titullar tjetër e ka dhënë këtë numër si kontakt",
        "change_contact",
        group.contract,
        msisdn=other.contact_msisdn,
    )
    says_no(
        desk,
        clerk,
        "Lideri Mobile i këtij grupi është tashmë",
        "name_leader",
        led.contract,
        member=leader.member_id,
    )
    assert Paper.objects.count() == papers


@pytest.mark.full
@pytest.mark.browser_context_args(viewport=DESKTOP)
def test_a_credit_larger_than_its_charge(desk: Desk) -> None:
    posted = charge(ContractFactory(), 500)
    outcomes.settle(reference=posted.reference, at=at("2026-11-06 09:00"))
    desk.sign_in(staff_member(CARE_AGENT))
    desk.open_customer(reverse("contract", args=[posted.contract_id]))
    desk.open(reverse("give_credit", args=[posted.pk]))
    desk.page.locator("[name=amount_lek]").fill("501")
    desk.page.locator("[name=told]").select_option("goodwill")
    desk.page.locator("[name=reason]").fill("rrjeti mungoi")
    desk.press(desk.page.locator("button[value=check]"))
    expect(desk.page.locator(".note.no")).to_contain_text("edhe më së shumti 500 Lekë")
    expect(desk.page.locator("button[value=confirm]")).to_have_count(0)
